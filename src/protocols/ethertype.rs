//! The step from an EtherType to its protocol: a name in the stack, without bytes of its own.

use crate::dissect::Protocol;

pub static PROTOCOL: Protocol = Protocol { silent: true, ..Protocol::new("ethertype", "Ethertype", "Ethertype") };
