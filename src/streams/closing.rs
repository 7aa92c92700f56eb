//! How connections end, as far as that tells when what is known of their messages may be forgotten.

use crate::dissect::Delivery;

/// How far the end of a connection has come, as its segments tell, whatever they carry.
#[derive(Clone, Copy, Default)]
pub(super) struct Closing {
    /// Which sides sent their last byte.
    pub ended: [bool; 2],
    /// Stands in the list of connections that were closed.
    pub is_closed: bool,
    /// Something came since it was put there.
    pub goes_on: bool,
    /// Segments that were not captured, less those that came late: something may still come in their place.
    pub gaps: u8,
}

impl Closing {
    /// Takes note of a segment with data.
    pub fn note(&mut self, delivery: &Delivery) {
        self.goes_on |= !delivery.is_last;
        if delivery.is_behind_loss {
            self.gaps = self.gaps.saturating_add(1);
        } else if delivery.is_late {
            self.gaps = self.gaps.saturating_sub(1);
        }
    }
}
