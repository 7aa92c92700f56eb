//! placeholder until the tables land
pub fn oui(_: u32) -> Option<&'static str> { None }
pub fn ethertype(_: u64) -> Option<&'static str> { None }
pub fn ip_protocol(_: u64) -> Option<&'static str> { None }
