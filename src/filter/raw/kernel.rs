//! The same tests for the kernel: an expression of `pcap-filter(7)`.
use super::Test;
use super::headers::Ground;
#[derive(Clone, Copy, Debug)]
pub struct Reach;
pub(super) fn expression(_: &Test, _: &Ground, _: Reach) -> Option<String> { None }
