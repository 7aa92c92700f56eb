//! The batches between the thread that captures and whoever dissects: never more than [`MANY`] of about [`GROWN`] bytes wait.
//!
//! While others wait to be taken a batch grows, so that a flood is passed on in few of them. Empty ones come back to be used again, as
//! many as are needed in quiet times.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use super::{Batch, FrameHead, Interface};

/// How many bytes are added to a batch before it is looked whether it can be handed on.
pub(super) const BLOCK: usize = 256 << 10;
/// How many bytes a batch has at most, more or less, where [`FEW`] wait before it, of at most `MANY`.
const GROWN: usize = 2 << 20;
const FEW: usize = 2;
const MANY: usize = 32;
/// As many that it is time to hurry.
const CROWDED: usize = MANY / 2;
/// How many empty batches are kept to be used again.
const SPARE: usize = 4;
/// Buffers that have grown beyond this many bytes are let go.
const KEPT: usize = 4 * BLOCK;

/// How many batches wait to be taken.
#[derive(Clone, Default)]
pub(super) struct Waiting(Arc<AtomicUsize>);

impl Waiting {
    /// So many that frames are lost soon.
    pub fn is_crowded(&self) -> bool {
        self.get() >= CROWDED
    }

    fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// The end where batches are put in.
pub(super) struct Outbox {
    full: SyncSender<Batch>,
    empty: Receiver<Batch>,
    waiting: Waiting,
}

/// The end where batches are taken out, in order.
pub(super) struct Inbox {
    full: Receiver<Batch>,
    empty: SyncSender<Batch>,
    waiting: Waiting,
}

pub(super) fn queue() -> (Outbox, Inbox, Waiting) {
    let (full_sender, full) = sync_channel(MANY);
    let (empty, empty_receiver) = sync_channel(SPARE);
    let waiting = Waiting::default();
    let outbox = Outbox { full: full_sender, empty: empty_receiver, waiting: waiting.clone() };
    (outbox, Inbox { full, empty, waiting: waiting.clone() }, waiting)
}

impl Outbox {
    /// Hands a batch on and replaces it by an empty one, unless it may grow because others wait or there is no room; `false` if nobody
    /// wants any more.
    pub fn hand_on(&mut self, batch: &mut Batch, interfaces: &Arc<Vec<Interface>>) -> bool {
        let waiting = self.waiting.get();
        if is_empty(batch) || waiting >= MANY {
            return true;
        }
        if waiting >= FEW && !is_grown(batch) {
            // At once, and no more than that: growing step by step would take twice as much.
            batch.bytes.reserve_exact((GROWN + BLOCK).saturating_sub(batch.bytes.len()));
            return true;
        }
        let mut next = self.empty.try_recv().unwrap_or_default();
        next.bytes.clear();
        next.heads.clear();
        next.asides.clear();
        if !Arc::ptr_eq(&next.interfaces, interfaces) {
            next.interfaces = Arc::clone(interfaces);
        }
        self.waiting.0.fetch_add(1, Ordering::Relaxed);
        match self.full.try_send(std::mem::replace(batch, next)) {
            Ok(()) => true,
            Err(TrySendError::Full(back)) => {
                self.waiting.0.fetch_sub(1, Ordering::Relaxed);
                *batch = back;
                true
            }
            Err(TrySendError::Disconnected(_)) => false,
        }
    }

    /// Hands on the last batch, and waits until there is room for it.
    pub fn leave(self, batch: Batch) {
        if !is_empty(&batch) {
            self.waiting.0.fetch_add(1, Ordering::Relaxed);
            // Nobody may want it any more.
            _ = self.full.send(batch);
        }
    }
}

impl Inbox {
    /// Waits for the next batch, which takes the place of one that has been used; `false` if there will be none.
    pub fn take(&self, batch: &mut Batch) -> bool {
        let Ok(mut received) = self.full.recv() else { return false };
        self.waiting.0.fetch_sub(1, Ordering::Relaxed);
        std::mem::swap(batch, &mut received);
        // After a flood there are more of them than are needed; and the other end may be gone.
        if received.bytes.capacity() <= KEPT {
            _ = self.empty.try_send(received);
        }
        true
    }
}

/// Whether a batch has all that it may have.
pub(super) fn is_grown(batch: &Batch) -> bool {
    batch.bytes.len() + batch.heads.len() * size_of::<FrameHead>() >= GROWN
}

fn is_empty(batch: &Batch) -> bool {
    batch.heads.is_empty() && batch.asides.is_empty()
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    /// Adds a frame of 1,000 bytes that say its number.
    fn add(batch: &mut Batch, number: u64) {
        let begin = batch.bytes.len() as u32;
        batch.bytes.extend_from_slice(&number.to_le_bytes());
        batch.bytes.resize(begin as usize + 1_000, 0);
        batch.heads.push(FrameHead {
            number,
            time: None,
            wire_len: 1_000,
            offset: 0,
            interface: 0,
            bytes: begin..begin + 1_000,
            options: 0..0,
        });
    }

    /// The numbers in a batch, each as its head and its bytes say it.
    fn numbers(batch: &Batch) -> Vec<u64> {
        let number = |head: &FrameHead| {
            let bytes = &batch.bytes[head.bytes.start as usize..head.bytes.end as usize];
            assert_eq!(bytes.first_chunk(), Some(&head.number.to_le_bytes()));
            head.number
        };
        batch.heads.iter().map(number).collect()
    }

    /// Puts frames in until there is no room for more, and returns how many.
    fn fill(outbox: &mut Outbox, batch: &mut Batch) -> u64 {
        let mut count = 0;
        while !is_grown(batch) {
            count += 1;
            add(batch, count);
            assert!(outbox.hand_on(batch, &Arc::default()));
            assert!(count < 1_000_000, "the queue has no bounds");
        }
        count
    }

    #[test]
    fn nothing_is_lost_or_out_of_order_where_it_is_taken() {
        let (mut outbox, inbox, waiting) = queue();
        let taking = thread::spawn(move || {
            let (mut batch, mut all) = (Batch::default(), Vec::new());
            while inbox.take(&mut batch) {
                all.extend(numbers(&batch));
            }
            all
        });
        let mut batch = Batch::default();
        for number in 1..=200_000 {
            while is_grown(&batch) {
                assert!(outbox.hand_on(&mut batch, &Arc::default()));
                thread::yield_now();
            }
            add(&mut batch, number);
            assert!(outbox.hand_on(&mut batch, &Arc::default()));
        }
        outbox.leave(batch);
        assert_eq!(taking.join().unwrap(), (1..=200_000).collect::<Vec<_>>());
        assert_eq!(waiting.get(), 0);
    }

    #[test]
    fn what_is_not_taken_waits_and_is_bounded() {
        let (mut outbox, inbox, waiting) = queue();
        let mut batch = Batch::default();
        assert!(!waiting.is_crowded());
        let count = fill(&mut outbox, &mut batch);
        assert!(waiting.is_crowded() && waiting.get() == MANY);
        // About 64 MiB, and the batch that found no room.
        let bytes = count as usize * (1_000 + size_of::<FrameHead>());
        assert!((MANY - FEW) * GROWN < bytes && bytes < (MANY + 2) * GROWN, "{bytes} bytes wait");
        // It stays where it is, whole.
        assert!(outbox.hand_on(&mut batch, &Arc::default()) && is_grown(&batch));
        let (mut taken, mut all) = (Batch::default(), Vec::new());
        assert!(inbox.take(&mut taken));
        all.extend(numbers(&taken));
        assert!(outbox.hand_on(&mut batch, &Arc::default()) && batch.heads.is_empty());
        outbox.leave(batch);
        while inbox.take(&mut taken) {
            all.extend(numbers(&taken));
        }
        assert_eq!(all, (1..=count).collect::<Vec<_>>());
    }

    #[test]
    fn the_buffers_of_a_flood_are_let_go() {
        let (mut outbox, inbox, _) = queue();
        let mut batch = Batch::default();
        fill(&mut outbox, &mut batch);
        let mut taken = Batch::default();
        for _ in 0..MANY {
            assert!(inbox.take(&mut taken));
        }
        taken.bytes.shrink_to(0);
        let spare: Vec<usize> = outbox.empty.try_iter().map(|batch| batch.bytes.capacity()).collect();
        assert!(spare.len() <= SPARE && spare.iter().all(|&capacity| capacity <= KEPT), "{spare:?}");
    }

    #[test]
    fn either_end_may_go_first() {
        let (mut outbox, inbox, _) = queue();
        drop(inbox);
        let mut batch = Batch::default();
        assert!(outbox.hand_on(&mut batch, &Arc::default()), "nothing to hand on, nothing to know");
        add(&mut batch, 1);
        assert!(!outbox.hand_on(&mut batch, &Arc::default()));
        let (outbox, inbox, _) = queue();
        drop(outbox);
        assert!(!inbox.take(&mut Batch::default()));
    }
}
