//! A chart of lines, as the numbers that a drawing needs. Amounts stay exact; only places on the
//! drawing are rounded.

/// The size of the drawing, and what its edges leave for words.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 240.0;
const LEFT: f64 = 96.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 28.0;

/// With more runs than this, no run has a dot of its own.
const DOTS_MAX: usize = 60;

/// About how many lines across.
const TICKS: i128 = 4;

/// What is measured of each run; nothing where a run does not say it.
pub struct Series {
    /// What it is called.
    pub name: String,
    /// In the order of the runs.
    pub values: Vec<Option<i128>>,
}

/// A chart.
pub struct Chart {
    pub title: &'static str,
    pub lines: Vec<Line>,
    pub ticks: Vec<Tick>,
    pub ends: [String; 2],
    series: Vec<Series>,
    say: fn(i128) -> String,
    least: Option<i128>,
    most: Option<i128>,
}

/// A line of a chart.
pub struct Line {
    /// Its number, which its colour and its dashes go by.
    pub number: usize,
    pub name: String,
    /// What it is in the latest run.
    pub last: String,
    /// Pieces of it, each as places: runs that say nothing are left out.
    pub pieces: Vec<String>,
    pub dots: Vec<Dot>,
}

/// A run on a line.
pub struct Dot {
    pub x: String,
    pub y: String,
    pub said: String,
}

/// A line across.
pub struct Tick {
    pub y: String,
    pub said: String,
}

/// A chart of some series, with what stands at the two ends.
pub fn chart(
    title: &'static str,
    series: Vec<Series>,
    say: fn(i128) -> String,
    ends: &[String; 2],
) -> Chart {
    let (lines, ticks, ends) = (Vec::new(), Vec::new(), ends.clone());
    Chart { title, lines, ticks, ends, series, say, least: None, most: None }
}

impl Chart {
    /// Draws nothing outside of these values, and need not begin at zero.
    pub fn within(mut self, least: i128, most: i128) -> Chart {
        (self.least, self.most) = (Some(least), Some(most));
        self
    }

    /// The chart with its lines; without any where no run says anything.
    pub fn drawn(mut self) -> Chart {
        let all = || self.series.iter().flat_map(|series| series.values.iter().flatten().copied());
        let (Some(least), Some(most)) = (all().min(), all().max()) else { return self };
        // A share is looked at closely; anything else is measured from zero.
        let (least, most) = match self.most {
            Some(bound) => (least, bound),
            None => (least.min(0), most.max(0)),
        };
        let step = step((most - least).max(1));
        let bottom = least.div_euclid(step) * step;
        let bottom = self.least.map_or(bottom, |bound| bottom.max(bound));
        let ticks = 1 + (most - bottom + step - 1) / step;
        let top = bottom + step * (ticks - 1).max(1);
        let scale = Scale { bottom, top, runs: self.series.iter().map(|s| s.values.len()).max() };
        self.ticks = (0..=(top - bottom) / step)
            .map(|at| bottom + at * step)
            .map(|value| Tick { y: scale.y(value), said: (self.say)(value) })
            .collect();
        let lines = self.series.iter().enumerate();
        self.lines = lines.map(|(number, series)| self.line(number, series, &scale)).collect();
        self
    }

    fn line(&self, number: usize, series: &Series, scale: &Scale) -> Line {
        let said = |value: Option<i128>| value.map_or_else(|| "–".to_owned(), self.say);
        let mut line = Line {
            number,
            name: series.name.clone(),
            last: said(series.values.last().copied().flatten()),
            pieces: Vec::new(),
            dots: Vec::new(),
        };
        let mut piece: Vec<String> = Vec::new();
        for (at, value) in series.values.iter().enumerate() {
            let Some(value) = *value else {
                line.pieces.push(std::mem::take(&mut piece).join(" "));
                continue;
            };
            let (x, y) = (scale.x(at), scale.y(value));
            piece.push(format!("{x},{y}"));
            if series.values.len() <= DOTS_MAX {
                line.dots.push(Dot { x, y, said: (self.say)(value) });
            }
        }
        line.pieces.push(piece.join(" "));
        line.pieces.retain(|piece| !piece.is_empty());
        line
    }
}

/// From values to places on the drawing.
struct Scale {
    bottom: i128,
    top: i128,
    runs: Option<usize>,
}

impl Scale {
    fn x(&self, at: usize) -> String {
        let steps = self.runs.unwrap_or(1).saturating_sub(1);
        // One run alone stands in the middle.
        let share = if steps == 0 { 0.5 } else { at as f64 / steps as f64 };
        format!("{:.1}", LEFT + share * (WIDTH - LEFT - RIGHT))
    }

    fn y(&self, value: i128) -> String {
        let all = ((self.top - self.bottom) as f64).max(1.0);
        let share = (value - self.bottom) as f64 / all;
        format!("{:.1}", HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM))
    }
}

/// The distance of lines across: 1, 2 or 5 of some power of ten, for about [`TICKS`] of them.
fn step(range: i128) -> i128 {
    let mut power = 1_i128;
    loop {
        for times in [1, 2, 5] {
            if power * times * TICKS >= range {
                return power * times;
            }
        }
        power = power.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(values: &[Option<i128>]) -> Chart {
        let series = vec![Series { name: "s".to_owned(), values: values.to_vec() }];
        chart("t", series, |value| value.to_string(), &Default::default()).drawn()
    }

    #[test]
    fn ticks_are_round_and_hold_all_values() {
        for (values, ticks) in [
            (&[Some(0)][..], &["0", "1"][..]),
            (&[Some(3), Some(4)], &["0", "1", "2", "3", "4"]),
            (&[Some(12_408), Some(7)], &["0", "5000", "10000", "15000"]),
            (&[Some(-50), Some(30)], &["-60", "-40", "-20", "0", "20", "40"]),
        ] {
            let said: Vec<String> = drawn(values).ticks.into_iter().map(|t| t.said).collect();
            assert_eq!(said, ticks, "{values:?}");
        }
        let wide = drawn(&[Some(i128::pow(10, 24)), Some(-i128::pow(10, 24))]);
        assert!(wide.ticks.len() <= 8);
    }

    #[test]
    fn a_share_is_looked_at_closely_and_never_beyond_all() {
        let series = vec![Series { name: "s".to_owned(), values: vec![Some(9_720), Some(9_800)] }];
        let chart = chart("t", series, |value| value.to_string(), &Default::default());
        let chart = chart.within(0, 10_000).drawn();
        let said: Vec<String> = chart.ticks.into_iter().map(|tick| tick.said).collect();
        assert_eq!(said, ["9700", "9800", "9900", "10000"]);
    }

    #[test]
    fn runs_that_say_nothing_leave_a_gap() {
        let chart = drawn(&[Some(1), None, Some(2), Some(3), None]);
        let [line] = chart.lines.as_slice() else { panic!("one line") };
        assert_eq!((line.pieces.len(), line.dots.len(), line.last.as_str()), (2, 3, "–"));
        assert!(drawn(&[None, None]).lines.is_empty());
        assert_eq!(drawn(&[Some(5)]).lines[0].pieces.len(), 1);
    }
}
