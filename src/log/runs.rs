//! A tally in runs: the lines of one stretch of time, an hour for instance, are counted by themselves, so that what has left the window can
//! be taken away later.
//!
//! A run ends where a line belongs to a later stretch than all lines of the run. A line that comes late stays in the run that it came in: the
//! order of lines, which tallies may depend on, is never changed. A log whose clock jumped back far is not cut at all.

use super::entry::Line;
use super::fold::Tally;
use crate::host::time::{HOUR, Micros};

/// Lines may come this much too late; a log with later ones is not cut.
pub const DISORDER: Micros = HOUR;

/// Where runs end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    /// The length of a stretch of time.
    pub step: Micros,
    /// A moment at which a run ends too: what came later is not known as of then.
    pub until: Option<Micros>,
}

impl Grid {
    /// The stretch that `at` belongs to; later ones are greater.
    fn place(&self, at: Micros) -> (Micros, bool) {
        let late = self.until.is_some_and(|until| at > until);
        (at.div_euclid(self.step.max(1)), late)
    }
}

impl Grid {
    /// Whether `later` goes on with the stretch of time of `run`.
    pub fn is_one<A, B>(&self, run: &Run<A>, later: &Run<B>) -> bool {
        self.place(later.newest) <= self.place(run.newest)
    }
}

/// What was counted of one stretch of time, and the oldest and newest of its lines.
#[derive(Debug, Clone)]
pub struct Run<T> {
    /// The oldest line.
    pub oldest: Micros,
    /// The newest line.
    pub newest: Micros,
    /// What was counted.
    pub tally: T,
}

/// Counts lines in runs.
pub struct Runs<T, F> {
    fresh: F,
    grid: Grid,
    runs: Vec<Run<T>>,
    /// The newest line of all.
    newest: Micros,
    /// Lines came so late that the order of runs is not the order of time.
    disordered: bool,
}

impl<T: Tally, F: Fn() -> T + Send + 'static> Runs<T, F> {
    /// Nothing counted yet.
    pub fn new(grid: Grid, fresh: F) -> Self {
        Self {
            fresh,
            grid,
            runs: Vec::new(),
            newest: Micros::MIN,
            disordered: false,
        }
    }

    /// The runs in the order of their lines; `None` where lines came so late that runs mean nothing: then all that was counted, and the
    /// reach of its lines.
    pub fn finish(self) -> Result<Vec<Run<T>>, Option<Run<T>>> {
        match self.disordered {
            false => Ok(self.runs),
            true => Err(self.runs.into_iter().reduce(Run::joined)),
        }
    }

    /// Makes one run of all when a line comes too late to be told from those of its time.
    fn check_order(&mut self, oldest: Micros) {
        if !self.disordered && oldest < self.newest.saturating_sub(DISORDER) {
            self.disordered = true;
            self.runs = self
                .runs
                .drain(..)
                .reduce(Run::joined)
                .into_iter()
                .collect();
        }
    }

    /// Whether what lies at `at` goes into the last run.
    fn goes_on(&self, at: Micros) -> bool {
        self.runs.last().is_some_and(|last| {
            self.disordered || self.grid.place(at) <= self.grid.place(last.newest)
        })
    }
}

impl<T: Tally> Run<T> {
    /// Both as one.
    pub fn joined(mut self, later: Self) -> Self {
        self.reach(later.oldest);
        self.reach(later.newest);
        self.tally.join(later.tally);
        self
    }

    fn reach(&mut self, at: Micros) {
        self.oldest = self.oldest.min(at);
        self.newest = self.newest.max(at);
    }
}

impl<T: Tally, F: Fn() -> T + Send + 'static> Tally for Runs<T, F> {
    fn see(&mut self, line: &Line<'_>) {
        let at = line.at;
        self.check_order(at);
        self.newest = self.newest.max(at);
        if !self.goes_on(at) {
            self.runs.push(Run {
                oldest: at,
                newest: at,
                tally: (self.fresh)(),
            });
        }
        if let Some(last) = self.runs.last_mut() {
            last.reach(at);
            last.tally.see(line);
        }
    }

    fn join(&mut self, later: Self) {
        self.disordered |= later.disordered;
        for run in later.runs {
            self.check_order(run.oldest);
            self.newest = self.newest.max(run.newest);
            // All lines of a run belong to the stretch of its newest one, or came too late.
            match self.goes_on(run.newest) {
                true => {
                    let last = self.runs.pop();
                    self.runs.extend(last.map(|last| last.joined(run)));
                }
                false => self.runs.push(run),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::time::MINUTE;
    use crate::log::stamp::Form;

    /// The minutes of the lines seen.
    #[derive(Debug, PartialEq)]
    struct Seen(Vec<Micros>);

    impl Tally for Seen {
        fn see(&mut self, line: &Line<'_>) {
            self.0.push(line.at / MINUTE);
        }

        fn join(&mut self, later: Self) {
            self.0.extend(later.0);
        }
    }

    const GRID: Grid = Grid {
        step: HOUR,
        until: None,
    };

    fn runs(grid: Grid, minutes: &[Micros]) -> Runs<Seen, fn() -> Seen> {
        let mut runs: Runs<Seen, fn() -> Seen> = Runs::new(grid, || Seen(Vec::new()));
        for minute in minutes {
            runs.see(&Line {
                at: minute * MINUTE,
                form: Form::Bsd,
                rest: b"",
            });
        }
        runs
    }

    type Shape = Vec<(Micros, Micros, Vec<Micros>)>;

    fn shape(runs: impl IntoIterator<Item = Run<Seen>>) -> Shape {
        let shape = |run: Run<Seen>| (run.oldest / MINUTE, run.newest / MINUTE, run.tally.0);
        runs.into_iter().map(shape).collect()
    }

    #[test]
    fn cut_at_full_hours_however_they_are_joined() {
        let rows: [(&str, &[Micros], Shape); 4] = [
            ("nothing", &[], vec![]),
            (
                "in order",
                &[5, 59, 60, 200],
                vec![
                    (5, 59, vec![5, 59]),
                    (60, 60, vec![60]),
                    (200, 200, vec![200]),
                ],
            ),
            (
                "a late line stays where it came",
                &[5, 61, 58, 62],
                vec![(5, 5, vec![5]), (58, 62, vec![61, 58, 62])],
            ),
            (
                "before 1970",
                &[-1, 0],
                vec![(-1, -1, vec![-1]), (0, 0, vec![0])],
            ),
        ];
        for (name, minutes, expected) in rows {
            for cut in 0..=minutes.len() {
                let mut joined = runs(GRID, &minutes[..cut]);
                joined.join(runs(GRID, &minutes[cut..]));
                let found = joined.finish().map(shape).map_err(shape);
                assert_eq!(found, Ok(expected.clone()), "{name}, cut at {cut}");
            }
        }
    }

    #[test]
    fn a_clock_that_was_set_back_makes_one_of_all() {
        let minutes = [5, 70, 200, 139, 300];
        for cut in 0..=minutes.len() {
            let mut joined = runs(GRID, &minutes[..cut]);
            joined.join(runs(GRID, &minutes[cut..]));
            let found = joined.finish().map(shape).map_err(shape);
            assert_eq!(found, Err(vec![(5, 300, minutes.to_vec())]), "cut at {cut}");
        }
    }

    #[test]
    fn what_came_later_than_asked_is_apart() {
        let grid = Grid {
            until: Some(30 * MINUTE),
            ..GRID
        };
        let found = runs(grid, &[5, 30, 31, 59]).finish().map(shape).ok();
        let expected = vec![(5, 30, vec![5, 30]), (31, 59, vec![31, 59])];
        assert_eq!(found, Some(expected));
    }
}
