//! `--ref N`: the packet that `${ip.src}` in a filter refers to.

use std::path::Path;

use super::args::Args;
use super::{Exit, read};
use crate::capture;
use crate::dissect::Dissector;
use crate::filter::Filter;
use crate::pipeline;

/// Lets the references of filters be what the packet of `--ref` in the file at `path` says.
pub fn resolve(args: &Args, path: &Path, dissector: &mut Dissector, filters: &mut [Filter]) -> Result<(), Exit> {
    let Some(number) = args.reference else { return Ok(()) };
    if !filters.iter().any(Filter::refers) {
        return Ok(());
    }
    if let Some(name) = read::readable_once(path) {
        return Err(Exit::Usage(format!(
            "--ref looks for packet {number} before the first is shown, and {name} can be read only once; write it to a file first"
        )));
    }
    let mut streams = read::remembered(args, path, dissector)?;
    let source = capture::open(path).map_err(|error| read::ended(error.into()))?;
    let found = pipeline::packet(source, dissector, &mut streams, number, &mut |view, registry| {
        filters.iter_mut().for_each(|filter| *filter = filter.referring_to(view, registry));
    });
    match found {
        Ok(true) => Ok(()),
        Ok(false) => Err(Exit::Usage(format!("--ref {number}: {} has fewer packets", path.display()))),
        Err(error) => Err(read::ended(error)),
    }
}
