//! How much memory something takes.

use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What a body of a few bytes may cost.
const LEAST: usize = 64 * 1024;
/// How often its own length anything else may cost. The dearest is an object of many members of one
/// letter: their names and values are each kept apart.
const TIMES: usize = 64;

/// What `work` gives, if it never held more than in proportion to `length` bytes.
///
/// # Panics
///
/// If it held more.
pub fn bounded<T>(length: usize, work: impl FnOnce() -> T) -> T {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let done = work();
    let most = MEMORY.peak_usage().saturating_sub(before);
    assert!(most <= LEAST + TIMES * length, "{length} bytes made {most} of memory");
    done
}
