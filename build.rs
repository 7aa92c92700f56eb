//! Lets the `pcap` crate link on machines without libpcap.
//!
//! That crate asks the linker for `-lpcap`. An empty archive of that name satisfies it; the functions themselves are
//! defined in `src/capture/loader.rs`, which finds the real library when it is first needed. With the feature
//! `link-libpcap` both are left out and the linker finds the real one.

use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_LINK_LIBPCAP").is_some() {
        return;
    }
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR for build scripts");
    fs::write(Path::new(&out).join("libpcap.a"), "!<arch>\n").expect("OUT_DIR can be written");
    println!("cargo::rustc-link-search=native={out}");
}
