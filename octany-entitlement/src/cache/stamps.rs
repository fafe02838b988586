//! What was written after what was read.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

/// How many buckets there are: as many as a [`Bucket`] can name.
const BUCKETS: usize = 1 << 16;

/// How many buckets have a stamp in common beside their own.
const GROUP: usize = 1 << 4;

/// Where the stamps of an id are. Ids that share a bucket share their stamps, which costs a read
/// now and then.
pub(super) type Bucket = u16;

/// One counter for all that happens, and for each bucket when it was last written to.
///
/// A read takes a ticket before it asks, and what it found counts only while its ticket is above
/// the stamps of all ids that it is about. A write stamps after it has been done.
pub(super) struct Stamps {
    hasher: RandomState,
    buckets: Box<[AtomicU64]>,
    /// The latest of each group of buckets. Nearly always this settles it, and it is so small that
    /// it stays near the processor.
    groups: Box<[AtomicU64]>,
    everything: AtomicU64,
    next: Apart<AtomicU64>,
}

/// Has its cache line to itself: what is written often would slow those down who read beside it.
#[repr(align(128))]
struct Apart<T>(T);

impl Stamps {
    pub(super) fn new() -> Self {
        Self {
            hasher: RandomState::new(),
            buckets: zeros(BUCKETS),
            groups: zeros(BUCKETS / GROUP),
            everything: AtomicU64::new(0),
            next: Apart(AtomicU64::new(1)),
        }
    }

    /// A number above all that were given before.
    pub(super) fn ticket(&self) -> u64 {
        self.next.0.fetch_add(1, Ordering::SeqCst)
    }

    pub(super) fn bucket(&self, id: &str) -> Bucket {
        #[expect(clippy::cast_possible_truncation, reason = "any sixteen bits of a hash will do")]
        let bucket = self.hasher.hash_one(id) as Bucket;
        bucket
    }

    /// Whether nothing was written to a bucket since a ticket was taken.
    pub(super) fn is_above(&self, ticket: u64, bucket: Bucket) -> bool {
        let bucket = usize::from(bucket);
        ticket > self.groups[bucket / GROUP].load(Ordering::SeqCst)
            || ticket > self.buckets[bucket].load(Ordering::SeqCst)
    }

    /// Whether not everything was stamped since a ticket was taken.
    pub(super) fn is_above_everything(&self, ticket: u64) -> bool {
        ticket > self.everything.load(Ordering::SeqCst)
    }

    /// Something was written about these ids.
    pub(super) fn stamp<'a>(&self, ids: impl IntoIterator<Item = &'a str>) {
        let stamp = self.ticket();
        for id in ids {
            // Of two writers, the one with the later ticket may come first.
            let bucket = usize::from(self.bucket(id));
            self.buckets[bucket].fetch_max(stamp, Ordering::SeqCst);
            self.groups[bucket / GROUP].fetch_max(stamp, Ordering::SeqCst);
        }
    }

    /// Anything may have been written.
    pub(super) fn stamp_everything(&self) {
        self.everything.fetch_max(self.ticket(), Ordering::SeqCst);
    }
}

fn zeros(count: usize) -> Box<[AtomicU64]> {
    (0..count).map(|_| AtomicU64::new(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_before_a_write_counts_no_more_and_its_neighbours_do() {
        let stamps = Stamps::new();
        let before = stamps.ticket();
        stamps.stamp(["1"]);
        let (after, stamped) = (stamps.ticket(), stamps.bucket("1"));
        for bucket in 0..=Bucket::MAX {
            assert_eq!(stamps.is_above(before, bucket), bucket != stamped);
            assert!(stamps.is_above(after, bucket));
        }
    }
}
