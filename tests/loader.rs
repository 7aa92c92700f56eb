//! libpcap is loaded when it is asked for, not when the program starts.
#![cfg(all(target_os = "linux", not(feature = "link-libpcap")))]

use std::fs;

use sniff::capture::loader;

// The only test of this file: it needs a process in which nobody has asked before.
#[test]
fn libpcap_is_loaded_when_first_needed() {
    let loaded = || fs::read_to_string("/proc/self/maps").unwrap().contains("libpcap.so");
    assert!(!loaded());
    match loader::available() {
        Ok(()) => assert!(loaded()),
        Err(missing) => eprintln!("skipped: {missing}"),
    }
}
