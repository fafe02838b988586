//! Welch's t, over samples without their slowest.

/// Of how many of the fastest samples, in percent. What a machine does beside is in the slowest, and
/// hides what is looked for.
const CROPS: [usize; 6] = [100, 99, 95, 90, 75, 50];

/// The largest t of all crops between two classes of times. Below some 4.5 nothing shows, above 10
/// the classes differ (Reparaz, Balasch and Verbauwhede, "Dude, is my code constant time?").
pub(crate) fn largest_t(one: &[u32], other: &[u32], limits: &[u32]) -> f64 {
    let crop = |times: &[u32], limit: u32| Moments::of(times.iter().filter(|it| **it <= limit));
    let t = limits.iter().map(|limit| crop(one, *limit).t(&crop(other, *limit)).abs());
    t.fold(0.0, f64::max)
}

/// The longest time that each crop lets in, for all classes alike.
pub(crate) fn limits(times: &[&[u32]]) -> Vec<u32> {
    let mut all = times.concat();
    all.sort_unstable();
    let last = all.len().saturating_sub(1);
    CROPS.iter().filter_map(|percent| all.get(last * percent / 100).copied()).collect()
}

struct Moments {
    count: f64,
    mean: f64,
    variance: f64,
}

impl Moments {
    /// Welford's way, which needs no second pass.
    fn of<'a>(times: impl Iterator<Item = &'a u32>) -> Self {
        let (mut count, mut mean, mut squares) = (0.0, 0.0, 0.0);
        for time in times.map(|time| f64::from(*time)) {
            count += 1.0;
            let off = time - mean;
            mean += off / count;
            squares += off * (time - mean);
        }
        let variance = if count > 1.0 { squares / (count - 1.0) } else { 0.0 };
        Self { count, mean, variance }
    }

    fn t(&self, other: &Self) -> f64 {
        let error = self.variance / self.count + other.variance / other.count;
        if error > 0.0 { (self.mean - other.mean) / error.sqrt() } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_that_differ_are_told_from_those_that_do_not() {
        let times = |base: u32| (0..10_000).map(|n| base + n * 7919 % 100).collect::<Vec<_>>();
        let (one, same, slower) = (times(500), times(500), times(505));
        let limits = limits(&[&one, &same, &slower]);
        assert_eq!(limits.len(), CROPS.len());
        assert!(largest_t(&one, &same, &limits) < 0.001);
        assert!(largest_t(&one, &slower, &limits) > 10.0);
    }

    #[test]
    fn too_few_times_say_nothing() {
        assert!(largest_t(&[], &[], &[]) < 0.001);
        assert!(largest_t(&[1], &[9], &limits(&[&[1], &[9]])) < 0.001);
    }

    #[test]
    fn a_few_samples_that_took_for_ever_hide_nothing() {
        let noisy = |base: u32| {
            let time = |n: u32| if n % 50 == 7 { 1_000_000 * (n % 3 + 1) } else { base + n % 10 };
            (0..10_000).map(time).collect::<Vec<_>>()
        };
        let (one, slower) = (noisy(500), noisy(503));
        assert!(largest_t(&one, &slower, &limits(&[&one, &slower])) > 10.0);
    }
}
