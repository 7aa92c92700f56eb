//! Finds libpcap when it is first needed, so that building and reading files need none.
//!
//! The `pcap` crate expects libpcap's functions from the linker. The macro `forward!` defines them all: each finds
//! the function of its own name in the shared library, which is opened by the first call to any of them, and passes
//! the call on. Without the library, or with one too old to have the function, it returns the value by which that
//! function reports failure. Call [`available`] first all the same: it says what to install, the crate's own errors
//! do not.
//!
//! The crate drops the numeric status of what it calls, and takes the warnings of `pcap_activate` for failures. The
//! forwarders therefore remember what was not done as asked, and [`activate`] tells.
//!
//! This is the only module with `unsafe` in it. With the feature `link-libpcap` the linker provides the functions and
//! the forwarders are compiled away, and with them the memory: [`activate`] then has only texts to judge by.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_int};

use pcap::{Active, Capture, Inactive};

use crate::capture::Precision;

#[cfg(feature = "link-libpcap")]
use linked as libpcap;
#[cfg(not(feature = "link-libpcap"))]
use loaded as libpcap;

/// Tells whether libpcap can be used, and loads it.
///
/// Programs that confine themselves call this before they lose the right to open files.
pub fn available() -> Result<(), Missing> {
    libpcap::available()
}

/// Why libpcap cannot be used; its text says what to do.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "{}: live capture and capture filters (-f) need it. Debian/Ubuntu: apt install libpcap0.8 (or libpcap0.8t64); \
     Fedora: dnf install libpcap. Reading files works without it.",
    self.problem()
)]
pub struct Missing {
    /// What the dynamic linker says of a library that is there and cannot be loaded; `None` if there is none.
    pub reason: Option<String>,
}

impl Missing {
    fn problem(&self) -> String {
        match &self.reason {
            Some(reason) => format!("libpcap cannot be loaded ({reason})"),
            None => "libpcap not found".to_owned(),
        }
    }
}

/// Returns what libpcap says of itself, such as `libpcap version 1.10.3 (with TPACKET_V3)`.
pub fn version() -> Option<String> {
    available().ok()?;
    // SAFETY: takes nothing; returns a string that lives as long as the library, which is never closed.
    unsafe { text(libpcap::pcap_lib_version()) }
}

/// Activates a capture as [`Capture::open`] does, and tells what that one hides.
///
/// Options are remembered for the capture that was created last on this thread: set them here and activate before the
/// next is created.
pub fn activate(capture: Capture<Inactive>) -> Result<Activated, Refused> {
    let outcome = capture.open();
    let (status, warnings) = libpcap::remembered();
    match outcome {
        Ok(capture) => Ok(Activated { capture, warnings }),
        Err(error) => {
            let message = match error {
                pcap::Error::PcapError(message) => message,
                other => other.to_string(),
            };
            let why = match status {
                Some(status) => Why::from_status(status),
                None => Why::from_message(&message),
            };
            Err(Refused { why, message })
        }
    }
}

/// A capture that runs, if not quite as asked.
pub struct Activated {
    pub capture: Capture<Active>,
    /// What libpcap could not do as asked, in sentences for the user.
    pub warnings: Vec<String>,
}

/// Why a capture could not be activated.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct Refused {
    pub why: Why,
    /// libpcap's own words.
    pub message: String,
}

/// The reasons for which a capture is refused that one can act upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    NoSuchDevice,
    /// The user may not capture at all.
    NoPermission,
    /// The user may capture, but not in promiscuous mode.
    NoPermissionForPromiscuous,
    /// The interface is there and down.
    NotUp,
    /// The interface has no monitor mode.
    NoMonitorMode,
    Other,
}

impl Why {
    fn from_status(status: c_int) -> Why {
        match status {
            -5 => Why::NoSuchDevice,
            -6 => Why::NoMonitorMode,
            -8 => Why::NoPermission,
            -9 => Why::NotUp,
            -11 => Why::NoPermissionForPromiscuous,
            _ => Why::Other,
        }
    }

    /// Judges by words that libpcap and the kernel have used for long.
    fn from_message(message: &str) -> Why {
        let message = message.to_ascii_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
        if says(&["no such device", "doesn't exist"]) {
            Why::NoSuchDevice
        } else if says(&["monitor mode"]) {
            Why::NoMonitorMode
        } else if says(&["permission", "permitted", "cap_net_raw"]) {
            Why::NoPermission
        } else if says(&["not up", "network is down"]) {
            Why::NotUp
        } else {
            Why::Other
        }
    }
}

/// Returns the digits of the clock that a capture really uses, whatever was asked for.
pub fn precision(capture: &Capture<Active>) -> Precision {
    const NANO: c_int = 1;
    // SAFETY: the handle belongs to `capture`, which is borrowed and so not closed meanwhile.
    match unsafe { libpcap::pcap_get_tstamp_precision(capture.as_ptr().cast()) } {
        NANO => Precision::NANOS,
        // Also what libpcap before 1.5 gives, which has no such function and no other precision.
        _ => Precision::MICROS,
    }
}

/// Tells whether a capture has a descriptor to wait upon; a few devices have none.
pub fn has_descriptor(capture: &Capture<Active>) -> bool {
    // SAFETY: as above.
    unsafe { libpcap::pcap_fileno(capture.as_ptr().cast()) >= 0 }
}

/// Returns a copy of a C string; `None` for a null pointer and for an empty one.
///
/// # Safety
///
/// `string` is null or points to bytes that end in a zero and stay as they are during the call.
unsafe fn text(string: *const c_char) -> Option<String> {
    if string.is_null() {
        return None;
    }
    // SAFETY: not null, the rest is promised by the caller.
    let string = unsafe { CStr::from_ptr(string) }.to_string_lossy();
    (!string.is_empty()).then(|| string.into_owned())
}

/// libpcap as the linker found it.
#[cfg(feature = "link-libpcap")]
mod linked {
    use super::*;

    unsafe extern "C" {
        pub fn pcap_lib_version() -> *const c_char;
        pub fn pcap_get_tstamp_precision(capture: *mut std::ffi::c_void) -> c_int;
        pub fn pcap_fileno(capture: *mut std::ffi::c_void) -> c_int;
    }

    pub fn available() -> Result<(), Missing> {
        Ok(())
    }

    pub fn remembered() -> (Option<c_int>, Vec<String>) {
        (None, Vec::new())
    }
}

/// libpcap as it is found at run time: the library, the forwarders and what they remember.
#[cfg(not(feature = "link-libpcap"))]
mod loaded {
    use std::cell::RefCell;
    use std::ffi::{c_uchar, c_uint, c_void};
    use std::ptr::{self, NonNull};
    use std::sync::OnceLock;

    use super::*;

    pub fn available() -> Result<(), Missing> {
        // Reading the table keeps it, and with it all forwarders, in programs that are linked by a linker which takes
        // from a library only what was asked for by then.
        std::hint::black_box(FORWARDERS);
        library().map(|_| ()).map_err(Missing::clone)
    }

    /// What happened to the capture that was created last on this thread: the status that `pcap_activate` gave, and
    /// what was not done as asked. Both are forgotten here.
    pub fn remembered() -> (Option<c_int>, Vec<String>) {
        let memory = MEMORY.with(RefCell::take);
        (memory.status, memory.warnings)
    }

    // The names by which systems know it: Debian and its descendants, the others, development files; macOS.
    #[cfg(not(target_os = "macos"))]
    const NAMES: &[&CStr] = &[c"libpcap.so.0.8", c"libpcap.so.1", c"libpcap.so"];
    #[cfg(target_os = "macos")]
    const NAMES: &[&CStr] = &[c"/usr/lib/libpcap.A.dylib", c"libpcap.A.dylib", c"libpcap.dylib"];

    fn library() -> Result<&'static Library, &'static Missing> {
        static LIBRARY: OnceLock<Result<Library, Missing>> = OnceLock::new();
        LIBRARY.get_or_init(|| Library::open(NAMES)).as_ref()
    }

    /// A shared library that stays open until the process ends.
    #[derive(Debug)]
    struct Library(NonNull<c_void>);

    // SAFETY: the handle is only ever passed to dlsym, which any thread may call at any time, and it is never closed.
    unsafe impl Send for Library {}
    // SAFETY: as above.
    unsafe impl Sync for Library {}

    impl Library {
        /// Opens the first of `names` that can be opened.
        ///
        /// Names are plain, never paths from the environment: the program may have capabilities that its user has not.
        fn open(names: &[&CStr]) -> Result<Library, Missing> {
            let mut reason = None;
            for name in names {
                // SAFETY: the name is a C string. Loading runs the library's initializers, and libpcap and what it
                // depends on are trusted to have sound ones, as they are by whoever links them.
                //
                // RTLD_LOCAL keeps its functions from being found in place of the forwarders. The other way round does
                // no harm: a call from within libpcap that ends up in a forwarder is passed on to where it was meant
                // to go.
                let handle = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
                if let Some(handle) = NonNull::new(handle) {
                    return Ok(Library(handle));
                }
                // SAFETY: what dlerror returns is null or a string that stays until this thread calls it again.
                let error = unsafe { text(libc::dlerror()) };
                reason = reason.or(error.filter(|error| !is_absence(error, name)));
            }
            Err(Missing { reason })
        }

        /// The address of a function, if the library has it.
        fn symbol(&self, name: &CStr) -> Option<NonNull<c_void>> {
            // SAFETY: the handle came from dlopen and is open, the name is a C string.
            NonNull::new(unsafe { libc::dlsym(self.0.as_ptr(), name.as_ptr()) })
        }
    }

    /// Whether `error` says no more than that there is no library `name`, not that it lacks another or is a wrong one.
    fn is_absence(error: &str, name: &CStr) -> bool {
        let name = name.to_string_lossy().to_ascii_lowercase();
        let error = error.to_ascii_lowercase();
        error.contains(&name) && error.contains("no such file") && !error.contains("needed by")
    }

    /// Defines each function of the list to pass its call on to libpcap's function of that name, and lists them all in
    /// [`FORWARDERS`].
    ///
    /// A function that cannot be reached returns [`Absent::VALUE`]. `explains e` says that it then also writes the
    /// reason into its error buffer `e`; `through f` that `f` sees what it returns and may change it.
    macro_rules! forward {
        ($(
            $(#[$attribute:meta])?
            fn $name:ident($($arg:ident: $type:ty),*) $(-> $return:ty)?
            $(, explains $errors:ident)? $(, through $then:ident($($seen:ident),*))?;
        )*) => {
            $(
                // SAFETY: no other function of this name is linked, as libpcap itself is not.
                $(#[$attribute])?
                #[unsafe(no_mangle)]
                pub unsafe extern "C" fn $name($($arg: $type),*) $(-> $return)? {
                    type Function = unsafe extern "C" fn($($type),*) $(-> $return)?;
                    const NAME: &CStr = c_name(concat!(stringify!($name), "\0"));
                    static FOUND: OnceLock<Option<Function>> = OnceLock::new();
                    let found = FOUND.get_or_init(|| {
                        let address = library().ok()?.symbol(NAME)?;
                        // SAFETY: the address of a C function with the signature that libpcap's headers declare and
                        // the list below repeats.
                        Some(unsafe { std::mem::transmute::<NonNull<c_void>, Function>(address) })
                    });
                    let result = match found {
                        // SAFETY: the caller's promises to libpcap are passed on unchanged.
                        Some(function) => unsafe { function($($arg),*) },
                        None => {
                            // SAFETY: as libpcap's own function, this may rely on the size of the error buffer.
                            $(unsafe { explain($errors, NAME) };)?
                            Absent::VALUE
                        }
                    };
                    // SAFETY: the arguments are those that libpcap just had.
                    $(let result = unsafe { $then(NAME, result $(, $seen)*) };)?
                    result
                }
            )*

            /// All forwarders.
            #[used]
            static FORWARDERS: &[Forwarder] = &[$(
                $(#[$attribute])?
                Forwarder { name: c_name(concat!(stringify!($name), "\0")), _address: $name as *const () },
            )*];
        };
    }

    /// A row of [`FORWARDERS`].
    struct Forwarder {
        /// Only tests look at it.
        #[cfg_attr(not(test), allow(dead_code))]
        name: &'static CStr,
        _address: *const (),
    }

    // SAFETY: the address of a function is a constant, and nobody reads through it.
    unsafe impl Sync for Forwarder {}

    // What libpcap hands out and takes back; nobody here looks inside.
    pub type Handle = *mut c_void;
    type Dumper = *mut c_void;
    type File = *mut libc::FILE;
    type Device = *mut c_void;
    type Program = c_void;
    type Header = c_void;
    type Stat = c_void;
    type Bytes = *const c_uchar;
    type Handler = extern "C" fn(*mut c_uchar, *const Header, Bytes);

    forward! {
        // Live captures.
        fn pcap_create(device: *const c_char, errors: *mut c_char) -> Handle, explains errors, through created();
        fn pcap_set_snaplen(p: Handle, bytes: c_int) -> c_int, through option();
        fn pcap_set_promisc(p: Handle, on: c_int) -> c_int, through option();
        fn pcap_set_rfmon(p: Handle, on: c_int) -> c_int, through option();
        fn pcap_set_timeout(p: Handle, ms: c_int) -> c_int, through option();
        fn pcap_set_immediate_mode(p: Handle, on: c_int) -> c_int, through option();
        fn pcap_set_buffer_size(p: Handle, bytes: c_int) -> c_int, through option();
        fn pcap_set_tstamp_type(p: Handle, kind: c_int) -> c_int, through option();
        fn pcap_set_tstamp_precision(p: Handle, precision: c_int) -> c_int, through option();
        #[cfg(target_os = "macos")]
        fn pcap_set_want_pktap(p: Handle, on: c_int) -> c_int, through option();
        fn pcap_get_tstamp_precision(p: Handle) -> c_int;
        fn pcap_activate(p: Handle) -> c_int, through activated(p);
        fn pcap_close(p: Handle);

        // Reading frames.
        fn pcap_loop(p: Handle, count: c_int, handler: Handler, user: *mut c_uchar) -> c_int;
        fn pcap_dispatch(p: Handle, count: c_int, handler: Handler, user: *mut c_uchar) -> c_int;
        fn pcap_next_ex(p: Handle, header: *mut *mut Header, bytes: *mut Bytes) -> c_int, through next();
        fn pcap_breakloop(p: Handle);
        fn pcap_stats(p: Handle, stat: *mut Stat) -> c_int;
        fn pcap_setnonblock(p: Handle, on: c_int, errors: *mut c_char) -> c_int, explains errors;
        fn pcap_setdirection(p: Handle, direction: c_uint) -> c_int;
        fn pcap_sendpacket(p: Handle, bytes: Bytes, len: c_int) -> c_int;
        fn pcap_get_selectable_fd(p: Handle) -> c_int;
        fn pcap_fileno(p: Handle) -> c_int;

        // Filters.
        fn pcap_compile(p: Handle, program: *mut Program, text: *const c_char, optimize: c_int, mask: c_uint) -> c_int;
        fn pcap_setfilter(p: Handle, program: *mut Program) -> c_int;
        fn pcap_freecode(program: *mut Program);
        fn pcap_offline_filter(program: *const Program, header: *const Header, bytes: Bytes) -> c_int;

        // Link types.
        fn pcap_datalink(p: Handle) -> c_int;
        fn pcap_list_datalinks(p: Handle, list: *mut *mut c_int) -> c_int;
        fn pcap_set_datalink(p: Handle, link: c_int) -> c_int;
        fn pcap_free_datalinks(list: *mut c_int);
        fn pcap_datalink_name_to_val(name: *const c_char) -> c_int;
        fn pcap_datalink_val_to_name(link: c_int) -> *const c_char;
        fn pcap_datalink_val_to_description(link: c_int) -> *const c_char;

        // Interfaces.
        fn pcap_findalldevs(list: *mut Device, errors: *mut c_char) -> c_int, explains errors;
        fn pcap_freealldevs(list: Device);

        // Files and captures of nothing.
        fn pcap_open_dead(link: c_int, snaplen: c_int) -> Handle;
        fn pcap_open_dead_with_tstamp_precision(link: c_int, snaplen: c_int, precision: c_uint) -> Handle;
        fn pcap_open_offline(path: *const c_char, errors: *mut c_char) -> Handle, explains errors;
        fn pcap_open_offline_with_tstamp_precision(p: *const c_char, precision: c_uint, errors: *mut c_char) -> Handle,
            explains errors;
        fn pcap_fopen_offline(file: File, errors: *mut c_char) -> Handle, explains errors;
        fn pcap_fopen_offline_with_tstamp_precision(file: File, precision: c_uint, errors: *mut c_char) -> Handle,
            explains errors;
        fn pcap_major_version(p: Handle) -> c_int;
        fn pcap_minor_version(p: Handle) -> c_int;
        fn pcap_dump_open(p: Handle, path: *const c_char) -> Dumper;
        fn pcap_dump_open_append(p: Handle, path: *const c_char) -> Dumper;
        fn pcap_dump_fopen(p: Handle, file: File) -> Dumper;
        fn pcap_dump(dumper: *mut c_uchar, header: *const Header, bytes: Bytes);
        fn pcap_dump_flush(dumper: Dumper) -> c_int;
        fn pcap_dump_close(dumper: Dumper);

        // Words.
        fn pcap_lib_version() -> *const c_char;
        fn pcap_statustostr(status: c_int) -> *const c_char;
        fn pcap_geterr(p: Handle) -> *mut c_char;
    }

    /// The value by which a function reports that it failed.
    trait Absent {
        const VALUE: Self;
    }

    impl Absent for () {
        const VALUE: () = ();
    }

    impl Absent for c_int {
        const VALUE: c_int = PCAP_ERROR;
    }

    impl<T> Absent for *const T {
        const VALUE: *const T = ptr::null();
    }

    impl<T> Absent for *mut T {
        const VALUE: *mut T = ptr::null_mut();
    }

    /// Writes into an error buffer why `function` cannot be called.
    ///
    /// # Safety
    ///
    /// `errors` is null or points to `PCAP_ERRBUF_SIZE` bytes that may be written.
    unsafe fn explain(errors: *mut c_char, function: &CStr) {
        if errors.is_null() {
            return;
        }
        let message = match library() {
            Err(missing) => missing.to_string(),
            Ok(_) => too_old(function),
        };
        let len = message.len().min(PCAP_ERRBUF_SIZE - 1);
        // SAFETY: a string and its final zero, which fit; a new string does not overlap the buffer.
        unsafe {
            ptr::copy_nonoverlapping(message.as_ptr().cast(), errors, len);
            errors.add(len).write(0);
        }
    }

    fn too_old(function: &CStr) -> String {
        format!("the installed libpcap is too old: it has no {}", function.to_string_lossy())
    }

    /// What happened to the capture that was created last on a thread.
    #[derive(Default)]
    struct Memory {
        status: Option<c_int>,
        warnings: Vec<String>,
    }

    thread_local! {
        static MEMORY: RefCell<Memory> = RefCell::default();
    }

    fn remember(change: impl FnOnce(&mut Memory)) {
        // Fails while the thread ends, when nobody will ask any more.
        let _ = MEMORY.try_with(|memory| change(&mut memory.borrow_mut()));
    }

    /// Forgets what was remembered of the capture before.
    ///
    /// # Safety
    ///
    /// None to keep; the macro calls all such functions alike.
    unsafe fn created(_: &CStr, handle: Handle) -> Handle {
        remember(|memory| *memory = Memory::default());
        handle
    }

    /// Remembers that an option could not be set, which the crate ignores.
    ///
    /// # Safety
    ///
    /// None to keep, as above.
    unsafe fn option(function: &CStr, status: c_int) -> c_int {
        if status != 0 {
            let name = function.to_string_lossy();
            let option = name.trim_start_matches("pcap_set_").replace('_', " ").replace("tstamp", "time stamp");
            // SAFETY: takes a number.
            let why = match unsafe { text(pcap_statustostr(status)) } {
                Some(why) if status != PCAP_ERROR => why,
                // All that remains: libpcap's setters have no other use for the nameless error.
                _ => too_old(function),
            };
            remember(|memory| memory.warnings.push(format!("{option}: {why}")));
        }
        status
    }

    /// Remembers the status of an activation, and makes a success of one with a warning, as it is.
    ///
    /// # Safety
    ///
    /// `p` is an open handle.
    unsafe fn activated(_: &CStr, status: c_int, p: Handle) -> c_int {
        remember(|memory| memory.status = Some(status));
        if status <= 0 {
            return status;
        }
        // SAFETY: one takes the open handle, the other a number; their strings are copied at once.
        let (words, name) = unsafe { (text(pcap_geterr(p)), text(pcap_statustostr(status))) };
        let warning = words.or(name).unwrap_or_else(|| format!("libpcap warning {status}"));
        remember(|memory| memory.warnings.push(warning));
        0
    }

    /// Turns errors that the crate does not expect here, and panics of, into the one it does.
    ///
    /// # Safety
    ///
    /// None to keep, as above.
    unsafe fn next(_: &CStr, status: c_int) -> c_int {
        const PCAP_ERROR_BREAK: c_int = -2;
        if status < PCAP_ERROR_BREAK { PCAP_ERROR } else { status }
    }

    const PCAP_ERROR: c_int = -1;
    const PCAP_ERRBUF_SIZE: usize = 256;

    const fn c_name(name: &'static str) -> &'static CStr {
        match CStr::from_bytes_with_nul(name.as_bytes()) {
            Ok(name) => name,
            Err(_) => panic!("a name ends in its only zero"),
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_missing_library_is_named_with_what_to_install() {
            let missing = Library::open(&[c"libpcap-of-nowhere.so.1", c"libpcap-of-nowhere.so"]).unwrap_err();
            assert_eq!(missing, Missing { reason: None });
            let message = missing.to_string();
            assert!(message.starts_with("libpcap not found: live capture"), "{message}");
            assert!(message.contains("apt install libpcap0.8"), "{message}");
            assert!(message.len() < PCAP_ERRBUF_SIZE, "does not fit libpcap's error buffers");
        }

        #[test]
        fn a_broken_library_is_not_taken_for_a_missing_one() {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("libpcap.so");
            std::fs::write(&path, "no library").unwrap();
            let path = std::ffi::CString::new(path.to_str().unwrap()).unwrap();
            let missing = Library::open(&[c"libpcap-of-nowhere.so", &path]).unwrap_err();
            assert!(missing.to_string().starts_with("libpcap cannot be loaded ("), "{missing}");
        }

        #[test]
        fn lacking_a_dependency_is_not_absence() {
            let error = "libdbus-1.so.3: cannot open shared object file: No such file or directory";
            assert!(!is_absence(error, c"libpcap.so.0.8"));
            let error = "Error loading shared library libnl.so: No such file or directory (needed by libpcap.so.1)";
            assert!(!is_absence(error, c"libpcap.so.1"));
        }

        #[test]
        fn the_first_name_that_opens_is_taken() {
            if available().is_err() {
                return skip();
            }
            let names: Vec<_> = [c"libpcap-of-nowhere.so"].iter().chain(NAMES).copied().collect();
            let library = Library::open(&names).unwrap();
            assert!(library.symbol(c"pcap_create").is_some());
            assert!(library.symbol(c"pcap_of_nowhere").is_none());
        }

        #[test]
        fn every_forwarder_finds_its_function() {
            let Ok(library) = library() else { return skip() };
            let lost: Vec<_> =
                FORWARDERS.iter().filter(|row| library.symbol(row.name).is_none()).map(|row| row.name).collect();
            assert!(lost.is_empty(), "not in {:?}: {lost:?}", version());
        }

        #[test]
        fn error_buffers_are_filled_and_never_overrun() {
            let mut buffer = [0x55 as c_char; PCAP_ERRBUF_SIZE + 1];
            // SAFETY: the buffer is longer than it has to be.
            unsafe { explain(buffer.as_mut_ptr(), c"pcap_of_nowhere") };
            assert_eq!(buffer[PCAP_ERRBUF_SIZE], 0x55);
            assert!(buffer[..PCAP_ERRBUF_SIZE].contains(&0));
            // SAFETY: null is allowed.
            unsafe { explain(ptr::null_mut(), c"pcap_of_nowhere") };
        }

        #[test]
        fn options_that_fail_become_warnings() {
            // SAFETY: these take no pointers.
            unsafe {
                created(c"pcap_create", ptr::null_mut());
                assert_eq!(option(c"pcap_set_promisc", 0), 0);
                assert_eq!(option(c"pcap_set_immediate_mode", PCAP_ERROR), PCAP_ERROR);
            }
            let (status, warnings) = remembered();
            assert_eq!(status, None);
            assert_eq!(
                warnings,
                ["immediate mode: the installed libpcap is too old: it has no pcap_set_immediate_mode"]
            );
            assert_eq!(remembered().1, [""; 0], "forgotten once told");
        }

        #[test]
        fn activation_with_a_warning_succeeds() {
            if available().is_err() {
                return skip();
            }
            // SAFETY: a handle that lives until it is closed below; activating is only pretended.
            unsafe {
                let handle = pcap_open_dead(1, 65535);
                assert_eq!(activated(c"pcap_activate", 2, handle), 0);
                assert_eq!(remembered(), (Some(2), vec!["That device doesn't support promiscuous mode".to_owned()]));
                assert_eq!(activated(c"pcap_activate", -8, handle), -8);
                assert_eq!(remembered(), (Some(-8), vec![]));
                pcap_close(handle);
            }
        }

        #[test]
        fn only_statuses_that_the_crate_knows_reach_it() {
            for (status, told) in [(1, 1), (0, 0), (-1, -1), (-2, -2), (-3, -1), (-9, -1)] {
                // SAFETY: takes no pointers.
                assert_eq!(unsafe { next(c"pcap_next_ex", status) }, told);
            }
        }

        fn skip() {
            eprintln!("skipped: {}", available().unwrap_err());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_and_messages_agree_on_why() {
        for (status, message, why) in [
            (-5, "No such device exists", Why::NoSuchDevice),
            (-5, "SIOCGIFHWADDR: No such device", Why::NoSuchDevice),
            (-6, "That device doesn't support monitor mode", Why::NoMonitorMode),
            (-8, "You don't have permission to perform this capture on that device", Why::NoPermission),
            (-8, "socket: Operation not permitted", Why::NoPermission),
            (-8, "Attempt to create packet socket failed - CAP_NET_RAW may be required", Why::NoPermission),
            (-9, "That device is not up", Why::NotUp),
            (-1, "something else", Why::Other),
        ] {
            assert_eq!(Why::from_status(status), why, "{status}");
            assert_eq!(Why::from_message(message), why, "{message}");
        }
    }

    #[test]
    fn a_device_that_does_not_exist_is_told_as_such() {
        if let Err(missing) = available() {
            eprintln!("skipped: {missing}");
            return;
        }
        let capture = Capture::from_device("nowhere0").unwrap().snaplen(100);
        let refused = activate(capture).err().expect("there is no such interface");
        // Without the right to capture at all, libpcap may not get as far as looking for it.
        assert!(matches!(refused.why, Why::NoSuchDevice | Why::NoPermission), "{refused:?}");
        assert!(!refused.message.is_empty());
    }

    #[test]
    fn the_library_tells_its_version() {
        match version() {
            Some(version) => assert!(version.contains("version"), "{version}"),
            None => eprintln!("skipped: {}", available().unwrap_err()),
        }
    }
}
