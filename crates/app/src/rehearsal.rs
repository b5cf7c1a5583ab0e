//! What a new edition would have come to: as a table, a file of values and a picture.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, ensure};
use centre::{Effect, Effects, Plan, Whose};
use clap::Args;
use jiff::civil::Date;
use model::{Fund, HospitalId, SystemClock};
use money::Money;
use policy::{Edition, Language};

use crate::Lang;
use crate::comparison::signed;
use crate::receipt::{aligned, padded, places};

#[derive(Args)]
pub struct RehearseArguments {
    /// The edition tried: a file, or the first day of an edition of the city
    #[arg(long)]
    edition: String,
    /// First benefit day of the bills
    #[arg(long)]
    from: Date,
    /// Last benefit day
    #[arg(long)]
    to: Date,
    /// The database; it is only read
    #[arg(long)]
    database: String,
    /// Folder of the city's policies; the sample city's where left out
    #[arg(long)]
    policies: Option<PathBuf>,
    /// Writes the figures, for a spreadsheet
    #[arg(long)]
    csv: Option<PathBuf>,
    /// Writes a picture
    #[arg(long)]
    svg: Option<PathBuf>,
    /// Language of what is printed
    #[arg(long, value_enum, default_value_t = Lang::Zh)]
    lang: Lang,
}

/// Reckons stored settlements again under another edition, and shows who would have paid how much.
pub fn rehearse(arguments: &RehearseArguments) -> anyhow::Result<ExitCode> {
    let language = arguments.lang.into();
    let RehearseArguments { from, to, .. } = *arguments;
    ensure!(from <= to, "{from} is behind {to} 起始日晚于终止日");
    let editions = crate::city::editions(arguments.policies.as_deref())?;
    let tried = crate::city::edition(&arguments.edition, arguments.policies.as_deref())?;
    let store = crate::stores::open_read_only(&arguments.database, Arc::new(SystemClock))?;
    let names: HashMap<HospitalId, String> = store.hospitals()?.into_iter().map(|h| (h.id, h.name)).collect();
    let bar = crate::verify::progress("试算 rehearsing, rows");
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let plan = Plan { edition: &tried, editions: &editions, from, to };
    let effects = centre::rehearse(store.reader()?.as_mut(), plan, threads, &mut |rows| {
        if rows.is_multiple_of(1_000) {
            bar.set_position(rows);
        }
    })?;
    bar.finish_and_clear();
    let shown = Shown { effects: &effects, names: &names, language };
    println!("{}", heading(&tried, from, to, language));
    let regrouped: BTreeSet<String> = editions.iter().flat_map(|old| old.regrouped(&tried)).collect();
    for name in regrouped {
        println!(
            "{}",
            shown.told(
                &format!("注意:{name} 的成员有变,已有账单仍按原来的成员重算"),
                &format!("note: `{name}` has other members; bills are reckoned with those they had"),
            )
        );
    }
    print!("{}", shown.table());
    if let Some(file) = &arguments.csv {
        write(file, &shown.csv())?;
    }
    if let Some(file) = &arguments.svg {
        write(file, &shown.svg())?;
    }
    if effects.unreadable > 0 {
        println!(
            "{} bills could not be reckoned again and are in no figure 有 {0} 笔无法重算,未计入",
            effects.unreadable
        );
    }
    println!("{}", shown.last_line());
    Ok(if effects.unreadable == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What an edition would have come to, as a table.
pub fn table(effects: &Effects, names: &HashMap<HospitalId, String>, language: Language) -> String {
    Shown { effects, names, language }.table()
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(file, text).with_context(|| format!("writing {}", file.display()))
}

fn heading(tried: &Edition, from: Date, to: Date, language: Language) -> String {
    let (order, key) = (&tried.head.order, tried.key());
    match language {
        Language::Zh => {
            format!("按《{order}》({key})重算 {from} 至 {to} 的结算;金额为元,差为新减旧,账目不变")
        }
        Language::En => format!(
            "settlements of {from} to {to} under \"{order}\" ({key}); yuan, difference new less old, no book changes"
        ),
    }
}

struct Shown<'a> {
    effects: &'a Effects,
    names: &'a HashMap<HospitalId, String>,
    language: Language,
}

/// Columns of a group: heading in both languages, and its figure.
type Column = (&'static str, &'static str, fn(&Effect) -> String);

const COLUMNS: [Column; 11] = [
    ("笔数", "bills", |e| e.bills.to_string()),
    ("有变化", "changed", |e| e.changed.to_string()),
    ("费用", "cost", |e| e.total.to_string()),
    ("基金 旧", "funds old", |e| e.old.all_funds().to_string()),
    ("基金 新", "funds new", |e| e.new.all_funds().to_string()),
    ("基金 差", "funds diff", |e| signed(e.new.all_funds() - e.old.all_funds())),
    ("其中统筹 差", "pool diff", |e| signed(pool(&e.new) - pool(&e.old))),
    ("个人 旧", "patient old", |e| e.old.patient.to_string()),
    ("个人 新", "patient new", |e| e.new.patient.to_string()),
    ("个人 差", "patient diff", |e| signed(e.new.patient - e.old.patient)),
    ("医院 差", "hospital diff", |e| signed(e.new.hospital - e.old.hospital)),
];

fn pool(payers: &centre::Payers) -> Money {
    payers.funds[Fund::Pooled as usize]
}

impl Shown<'_> {
    fn told(&self, zh: &str, en: &str) -> String {
        if self.language == Language::Zh { zh.to_owned() } else { en.to_owned() }
    }

    fn label(&self, whose: Whose) -> String {
        match whose {
            Whose::All => self.told("全部", "all"),
            Whose::Status(status) => {
                let word = status.to_string();
                let meant = policy::manual::meaning("status", &word);
                meant.map_or(word.clone(), |(zh, en)| self.told(zh, en))
            }
            Whose::Level(level) => match level.get() {
                0 => self.told("未定级", "unrated"),
                n => self.told(&format!("{n} 级医院"), &format!("level {n}")),
            },
            Whose::Hospital(id) => self.names.get(&id).cloned().unwrap_or_else(|| id.to_string()),
            Whose::Decile(n) => {
                self.told(&format!("费用第 {n} 个十分之一的人"), &format!("tenth {n} of persons by cost"))
            }
        }
    }

    fn rows(&self) -> Vec<(String, &Effect)> {
        self.effects.groups.iter().map(|(whose, effect)| (self.label(*whose), effect)).collect()
    }

    fn headings(&self) -> Vec<String> {
        let columns = COLUMNS.iter().map(|(zh, en, _)| self.told(zh, en));
        std::iter::once(self.told("谁的", "whose")).chain(columns).collect()
    }

    /// Right-aligned figures behind the group's name.
    fn table(&self) -> String {
        let mut lines = vec![self.headings()];
        for (label, effect) in self.rows() {
            lines.push(
                std::iter::once(label).chain(COLUMNS.iter().map(|(_, _, figure)| figure(effect))).collect(),
            );
        }
        let widths: Vec<usize> =
            (0..=COLUMNS.len()).map(|at| lines.iter().map(|l| places(&l[at])).max().unwrap_or(0)).collect();
        let mut text = String::new();
        for line in lines {
            text.push_str(&padded(&line[0], widths[0]));
            for (cell, wide) in line.iter().zip(&widths).skip(1) {
                text.push_str(&aligned(cell, wide + 2));
            }
            text.push('\n');
        }
        text
    }

    /// With a mark at the beginning, so that spreadsheets read Chinese.
    fn csv(&self) -> String {
        let mut text = String::from('\u{feff}');
        text.push_str(&self.headings().join(","));
        text.push_str("\r\n");
        for (label, effect) in self.rows() {
            let figures =
                COLUMNS.iter().map(|(_, _, figure)| figure(effect).trim_start_matches('+').to_owned());
            let cells: Vec<String> = std::iter::once(cell(&label)).chain(figures).collect();
            text.push_str(&cells.join(","));
            text.push_str("\r\n");
        }
        text
    }

    /// One bar a group: what all funds would pay more, to the right, or less.
    fn svg(&self) -> String {
        const ROW: i64 = 22;
        const MIDDLE: i64 = 560;
        const REACH: i64 = 240;
        let rows = self.rows();
        let change = |effect: &Effect| (effect.new.all_funds() - effect.old.all_funds()).fen();
        let most = rows.iter().map(|(_, e)| change(e).abs()).max().unwrap_or(0).max(1);
        let height = ROW * (i64::try_from(rows.len()).unwrap_or(0) + 2);
        let title =
            self.told("各基金支付之变化(元,新减旧)", "Change in what the funds pay (yuan, new less old)");
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"900\" height=\"{height}\" font-family=\"sans-serif\" \
             font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n<text x=\"10\" y=\"18\" \
             font-weight=\"bold\">{}</text>\n<line x1=\"{MIDDLE}\" y1=\"26\" x2=\"{MIDDLE}\" y2=\"{height}\" \
             stroke=\"#999\"/>\n",
            escaped(&title)
        );
        for (n, (label, effect)) in (1_i64..).zip(&rows) {
            let (y, change) = (ROW * n + 10, change(effect));
            let wide =
                i64::try_from(i128::from(change.abs()) * i128::from(REACH) / i128::from(most)).unwrap_or(0);
            let (x, color) = if change >= 0 { (MIDDLE, "#2b6cb0") } else { (MIDDLE - wide, "#c05621") };
            let (beside, anchor) =
                if change >= 0 { (MIDDLE + wide + 6, "start") } else { (MIDDLE - wide - 6, "end") };
            let figure = signed(Money::from_fen(change));
            let _ = writeln!(
                svg,
                "<text x=\"10\" y=\"{}\">{}</text><rect x=\"{x}\" y=\"{y}\" width=\"{wide}\" height=\"14\" \
                 fill=\"{color}\"/><text x=\"{beside}\" y=\"{}\" text-anchor=\"{anchor}\">{figure}</text>",
                y + 12,
                escaped(label),
                y + 12
            );
        }
        svg.push_str("</svg>\n");
        svg
    }

    fn last_line(&self) -> String {
        let all = self.effects.groups.get(&Whose::All).copied().unwrap_or_default();
        format!(
            "rehearsal: {} persons, {} bills, {} changed, funds {}, patients {}, hospitals {}",
            self.effects.persons,
            all.bills,
            all.changed,
            signed(all.new.all_funds() - all.old.all_funds()),
            signed(all.new.patient - all.old.patient),
            signed(all.new.hospital - all.old.hospital)
        )
    }
}

/// What a spreadsheet would take for a formula is made a text.
fn cell(text: &str) -> String {
    let guarded = if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text.to_owned() };
    let text = guarded.as_str();
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
