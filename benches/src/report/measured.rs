//! What was measured, as the parts left it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// A group and a name in it.
type Contestant = (String, String);

/// All numbers of a run.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    /// Nanoseconds, one number a round.
    times: BTreeMap<Contestant, Vec<f64>>,
    allocations: BTreeMap<Contestant, (f64, f64)>,
    http: BTreeMap<Contestant, Http>,
    /// What `stores` printed.
    pub(crate) stores: Option<String>,
    /// What `scripts/instructions` printed.
    pub(crate) instructions: Option<String>,
}

/// What the load generator saw, one number a round.
#[derive(Clone, Debug, Default)]
pub(crate) struct Http {
    rates: Vec<f64>,
    slowest: Vec<f64>,
}

impl Measured {
    /// Reads what is in a folder; parts that did not run are not there.
    pub(crate) fn read(folder: &Path) -> Self {
        let mut measured = Self::default();
        for (contestant, time) in times(&folder.join("times")) {
            measured.times.entry(contestant).or_default().push(time);
        }
        for [group, name, count, bytes] in rows(&folder.join("allocations")) {
            let counts = (count.parse().unwrap(), bytes.parse().unwrap());
            measured.allocations.insert((group, name), counts);
        }
        for [group, name, rate, slowest] in rows(&folder.join("http")) {
            let http = measured.http.entry((group, name)).or_default();
            http.rates.push(rate.parse().unwrap());
            http.slowest.push(slowest.parse().unwrap());
        }
        measured.stores = fs::read_to_string(folder.join("stores")).ok();
        measured.instructions = fs::read_to_string(folder.join("instructions")).ok();
        measured
    }

    /// Nanoseconds in the fastest round: what else a machine does only adds to it.
    pub(crate) fn time(&self, group: &str, name: &str) -> Option<f64> {
        self.times.get(&owned((group, name)))?.iter().copied().reduce(f64::min)
    }

    /// How many times the other's time.
    pub(crate) fn ratio(&self, one: (&str, &str), other: (&str, &str)) -> Option<f64> {
        Some(self.time(one.0, one.1)? / self.time(other.0, other.1)?)
    }

    /// Nanoseconds more than the other.
    pub(crate) fn over(&self, one: (&str, &str), other: (&str, &str)) -> Option<f64> {
        Some(self.time(one.0, one.1)? - self.time(other.0, other.1)?)
    }

    /// Allocations, and their bytes.
    pub(crate) fn allocations(&self, group: &str, name: &str) -> Option<(f64, f64)> {
        self.allocations.get(&owned((group, name))).copied()
    }

    /// Requests a second, and what 99 % take at most in microseconds; both in the best round.
    pub(crate) fn http(&self, group: &str, name: &str) -> Option<(f64, f64)> {
        let http = self.http.get(&owned((group, name)))?;
        let rate = http.rates.iter().copied().reduce(f64::max)?;
        Some((rate, http.slowest.iter().copied().reduce(f64::min)?))
    }

    /// The names in a group of times, the fastest first.
    pub(crate) fn timed(&self, group: &str) -> Vec<&str> {
        let mut names: Vec<_> = names(self.times.keys(), group).collect();
        names.sort_by(|one, other| {
            let time = |name: &str| self.time(group, name).unwrap_or(f64::MAX);
            time(one).total_cmp(&time(other))
        });
        names
    }

    /// The names in a group of served ones, the fastest first.
    pub(crate) fn served(&self, group: &str) -> Vec<&str> {
        let mut names: Vec<_> = names(self.http.keys(), group).collect();
        names.sort_by(|one, other| {
            let rate = |name: &str| self.http(group, name).map_or(0.0, |(rate, _)| rate);
            rate(other).total_cmp(&rate(one))
        });
        names
    }
}

fn names<'a>(
    contestants: impl Iterator<Item = &'a Contestant>,
    group: &str,
) -> impl Iterator<Item = &'a str> {
    contestants.filter(move |(of, _)| of == group).map(|(_, name)| name.as_str())
}

fn owned((group, name): (&str, &str)) -> Contestant {
    (group.to_owned(), name.to_owned())
}

/// Criterion's estimates: a folder for each group, in it one for each name, in it one for each round.
fn times(folder: &Path) -> Vec<(Contestant, f64)> {
    let mut times = Vec::new();
    for round in folders(folder).iter().flat_map(|group| folders(group)).flat_map(|it| folders(&it))
    {
        if !round.file_name().unwrap().to_string_lossy().starts_with("round-") {
            continue;
        }
        let read = |file: &str| -> Value {
            serde_json::from_slice(&fs::read(round.join(file)).unwrap()).unwrap()
        };
        let (benchmark, estimates) = (read("benchmark.json"), read("estimates.json"));
        let text = |key: &str| benchmark[key].as_str().unwrap().to_owned();
        let time = estimates["median"]["point_estimate"].as_f64().unwrap();
        times.push(((text("group_id"), text("function_id")), time));
    }
    times
}

fn folders(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect()
}

/// Rows of a file of columns; none if it is not there.
fn rows<const COLUMNS: usize>(file: &Path) -> Vec<[String; COLUMNS]> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let row = |line: &str| -> [String; COLUMNS] {
        let columns: Vec<_> = line.split('\t').map(str::to_owned).collect();
        columns.try_into().unwrap()
    };
    text.lines().map(row).collect()
}
