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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{self, Batch};

    #[test]
    fn frames_are_read_where_they_stand() {
        for path in ["captures/tcp-echo-lo.pcap", "captures/tour.pcapng"].map(Path::new) {
            let (file, mut source) = (Fetch::open(path).unwrap(), capture::open(path).unwrap());
            let (mut batch, mut bytes) = (Batch::default(), Vec::new());
            while source.read(&mut batch).unwrap() {
                for (place, frame) in batch.frames().enumerate() {
                    file.read(batch.offset_of(place).unwrap(), frame.bytes.len(), &mut bytes).unwrap();
                    assert_eq!(bytes, frame.bytes, "frame {} of {path:?}", frame.number);
                }
            }
            assert!(file.read(std::fs::metadata(path).unwrap().len() - 1, 2, &mut bytes).is_err());
        }
    }

    #[test]
    fn what_is_compressed_or_missing_is_not_opened() {
        for path in ["captures/dns.pcap.gz", "captures/dns.pcap.zst", "captures/dns.pcap.lz4", "captures", "missing"] {
            assert!(Fetch::open(Path::new(path)).is_none(), "{path}");
        }
    }
}
