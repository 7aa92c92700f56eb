//! Bytes of a capture file that were read before, once more.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::compressed;

/// A capture file that is not compressed, so that what stands in it can be read where it stands.
#[derive(Debug)]
pub struct Fetch(File);

impl Fetch {
    /// Opens a capture file; none where it cannot be opened, is no regular file or is compressed.
    pub fn open(path: &Path) -> Option<Fetch> {
        let file = File::open(path).ok().filter(|file| file.metadata().is_ok_and(|about| about.is_file()))?;
        let mut magic = [0; compressed::MAGIC_LEN];
        file.read_exact_at(&mut magic, 0).ok()?;
        compressed::recognise(&magic).is_none().then_some(Fetch(file))
    }

    /// Replaces `bytes` by the `len` bytes from `offset` of the file on; an error where there are fewer by now.
    pub fn read(&self, offset: u64, len: usize, bytes: &mut Vec<u8>) -> io::Result<()> {
        bytes.clear();
        bytes.resize(len, 0);
        self.0.read_exact_at(bytes, offset)
    }
}
