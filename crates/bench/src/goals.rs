//! Figures of several rounds, and goals.

/// A median with its extremes.
pub struct Spread {
    pub median: f64,
    pub least: f64,
    pub most: f64,
}

impl Spread {
    /// Of the values of all rounds; none where there are none.
    pub fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let median = *values.get(values.len() / 2)?;
        Some(Self { median, least: *values.first()?, most: *values.last()? })
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.2} [{:.2}, {:.2}]", self.median, self.least, self.most)
    }
}

/// Bounds a goal may have.
pub enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

/// Prints whether a goal is met. A figure that could not be had misses it.
pub fn goal(name: &str, figure: Option<f64>, bound: &Bound) {
    let (met, shown) = match *bound {
        Bound::AtLeast(least) => (figure.is_some_and(|f| f >= least), format!(">= {least}")),
        Bound::AtMost(most) => (figure.is_some_and(|f| f <= most), format!("<= {most}")),
    };
    let figure = figure.map_or("none".to_owned(), |f| format!("{f:.2}"));
    println!("goal {name}: {figure} ({shown}) {}", if met { "met" } else { "missed" });
}

/// How much else the machine does.
pub fn load_average() -> String {
    std::fs::read_to_string("/proc/loadavg")
        .unwrap_or_default()
        .split(' ')
        .take(3)
        .collect::<Vec<_>>()
        .join(" ")
}
