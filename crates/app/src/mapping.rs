//! The officers' review of mappings: what institutions say their items are, beside what the catalogue says.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow, ensure};
use centre::{MappedItem, MappingDesk, MappingState, Review};
use clap::{Args, Subcommand};
use jiff::civil::Date;
use model::{Catalogue, SystemClock, likeness};
use store::{CentreStore, HospitalRow};
use wire::Language;

use crate::Lang;
use crate::books::{CityBooks, institution};

#[derive(Subcommand)]
pub enum MappingCommand {
    /// Mappings beside the catalogue, the least alike first; also while a centre runs 列出对照,名称最不像的在前
    List {
        /// Code of one institution; all of them where left out
        #[arg(long)]
        hospital: Option<String>,
        /// Of one state
        #[arg(long, value_parser = state)]
        state: Option<MappingState>,
        /// Writes them to a file as CSV
        #[arg(long)]
        csv: Option<PathBuf>,
        #[command(flatten)]
        city: CityBooks,
        /// Language of what is printed
        #[arg(long, value_enum, default_value_t = Lang::Zh)]
        lang: Lang,
    },
    /// Find mappings right 审核通过
    Pass {
        #[command(flatten)]
        which: Which,
        /// All that wait and whose names are so alike, in percent
        #[arg(long, conflicts_with = "items")]
        alike: Option<u8>,
    },
    /// Find mappings wrong: they do not count from today; the institution is told why 退回,自今日起不再有效
    SendBack {
        #[command(flatten)]
        which: Which,
        /// Why
        #[arg(long)]
        why: String,
    },
}

/// Mappings of an institution, and who looks at them.
#[derive(Args)]
pub struct Which {
    /// Code of the institution
    #[arg(long)]
    hospital: String,
    /// Its code of an item, `CODE` or `CODE@2026-01-01` for what began on that day; may be said again
    #[arg(long = "item")]
    items: Vec<String>,
    /// Who looks at them
    #[arg(long)]
    by: String,
    #[command(flatten)]
    city: CityBooks,
}

pub fn carry_out(command: MappingCommand) -> anyhow::Result<ExitCode> {
    match command {
        MappingCommand::List { hospital, state, csv, city, lang } => {
            let desk = Desk::open(&city)?;
            let mut rows = desk.rows(hospital.as_deref())?;
            if let Some(state) = state {
                rows.retain(|row| row.mapped.state == state);
            }
            rows.sort_by(|a, b| (a.alike, &a.mapped.own).cmp(&(b.alike, &b.mapped.own)));
            match csv {
                Some(file) => export(&rows, &file)?,
                None => rows.iter().for_each(|row| println!("{}", row.line(lang))),
            }
            let waiting = rows.iter().filter(|row| row.mapped.state == MappingState::Waiting).count();
            match lang {
                Lang::Zh => println!("共 {} 条,待审 {waiting}", rows.len()),
                Lang::En => println!("mappings: {}, waiting: {waiting}", rows.len()),
            }
        }
        MappingCommand::Pass { which, alike } => review(&which, alike, Review::Pass, "")?,
        MappingCommand::SendBack { which, why } => review(&which, None, Review::SendBack, &why)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// A mapping beside the catalogue.
struct Row<'a> {
    hospital: &'a HospitalRow,
    mapped: MappedItem,
    /// What the catalogue calls it; empty where it lists it no more.
    listed: String,
    /// How alike both names are, in percent.
    alike: u8,
}

impl Row<'_> {
    fn state(&self) -> String {
        self.mapped.state.words().told(Language::En).to_owned()
    }

    fn line(&self, lang: Lang) -> String {
        let Self { hospital, mapped, listed, alike } = self;
        let language = if lang == Lang::Zh { Language::Zh } else { Language::En };
        let to = mapped.days.1.map(|day| day.to_string()).unwrap_or_default();
        let line = format!(
            "{alike:>3}%  {}  {}  {} {} -> {} {listed}  {}..{to}  {}  {} {}",
            mapped.state.words().told(language),
            hospital.name,
            mapped.own,
            mapped.name,
            mapped.item,
            mapped.days.0,
            mapped.reviewed,
            hospital.code,
            mapped.why,
        );
        line.trim_end().to_owned()
    }
}

/// Open books and the catalogue they are kept by.
struct Desk {
    store: Box<dyn CentreStore>,
    sealer: std::sync::Arc<store::Sealer>,
    hospitals: Vec<HospitalRow>,
    catalogue: Catalogue,
}

impl Desk {
    fn open(city: &CityBooks) -> anyhow::Result<Self> {
        let (sealer, store) = (city.books.sealer()?, city.books.read_only()?);
        let hospitals = store.hospitals()?;
        let catalogue = crate::city::catalogue(city.policies.as_deref())?;
        Ok(Self { store, sealer, hospitals, catalogue })
    }

    fn rows(&self, code: Option<&str>) -> anyhow::Result<Vec<Row<'_>>> {
        let wanted: Vec<&HospitalRow> = match code {
            Some(code) => vec![institution(&self.hospitals, code)?],
            None => self.hospitals.iter().collect(),
        };
        let ids: Vec<_> = wanted.iter().map(|row| row.id).collect();
        let items = centre::mapped_items(self.store.reader()?.as_mut(), &ids, &self.sealer)?;
        let row = |mapped: MappedItem| {
            let hospital = wanted.iter().find(|row| row.id == mapped.hospital)?;
            let listed = self.catalogue.of(&mapped.item).last().map(|listed| listed.name.clone());
            let listed = listed.unwrap_or_default();
            Some(Row { hospital, alike: likeness(&mapped.name, &listed), mapped, listed })
        };
        Ok(items.into_iter().filter_map(row).collect())
    }
}

fn review(which: &Which, alike: Option<u8>, found: Review, why: &str) -> anyhow::Result<()> {
    let desk = Desk::open(&which.city)?;
    let hospital = institution(&desk.hospitals, &which.hospital)?.id;
    let rows = desk.rows(Some(&which.hospital))?;
    let meant: Vec<MappedItem> = match alike {
        Some(least) => rows
            .iter()
            .filter(|row| row.mapped.state == MappingState::Waiting && row.alike >= least)
            .map(|row| row.mapped.clone())
            .collect(),
        None => which.items.iter().map(|item| named(item, &rows)).collect::<anyhow::Result<_>>()?,
    };
    ensure!(
        alike.is_some() || !meant.is_empty(),
        "name mappings with --item, or --alike 95 用 --item 指明对照,或用 --alike 95"
    );
    if !meant.is_empty() {
        which.city.books.write(&desk.sealer, |writer, _| {
            let mut officer = MappingDesk::new(writer, &desk.sealer, &SystemClock);
            Ok(officer.review(hospital, &meant, found, &which.by, why)?)
        })?;
    }
    match found {
        Review::Pass => println!("审核通过 passed: {}", meant.len()),
        Review::SendBack => println!("已退回 sent back: {}", meant.len()),
    }
    Ok(())
}

/// `CODE@DAY`, or the last of a code that is not withdrawn.
fn named(item: &str, rows: &[Row<'_>]) -> anyhow::Result<MappedItem> {
    let (own, day) = match item.rsplit_once('@') {
        None => (item, None),
        Some((own, day)) => {
            let day: Date = day.parse().with_context(|| format!("`{day}` is no day 不是日期"))?;
            (own, Some(day))
        }
    };
    let known = rows.iter().map(|row| &row.mapped).filter(|mapped| mapped.own == own);
    let fits = known.filter(|mapped| match day {
        Some(day) => mapped.days.0 == day,
        None => mapped.state != MappingState::Withdrawn,
    });
    let last = fits.max_by_key(|mapped| mapped.days.0);
    last.cloned().ok_or_else(|| anyhow!("there is no mapping of item {item} 没有项目 {item} 的对照"))
}

/// A state by its word.
fn state(word: &str) -> Result<MappingState, String> {
    let told = |state: &MappingState| state.words().told(Language::En).to_owned();
    MappingState::ALL.into_iter().find(|state| told(state) == word).ok_or_else(|| {
        let all: Vec<String> = MappingState::ALL.iter().map(told).collect();
        format!("one of 应为 {}", all.join(", "))
    })
}

fn export(rows: &[Row<'_>], file: &Path) -> anyhow::Result<()> {
    let mut csv = csv::Writer::from_path(file).with_context(|| format!("writing {}", file.display()))?;
    csv.write_record([
        "institution",
        "own",
        "own_name",
        "item",
        "listed_name",
        "alike",
        "from",
        "to",
        "state",
        "reviewed",
        "why",
    ])?;
    for row in rows {
        let Row { hospital, mapped, listed, alike } = row;
        csv.write_record([
            &hospital.code,
            &mapped.own,
            &mapped.name,
            &mapped.item,
            listed,
            &alike.to_string(),
            &mapped.days.0.to_string(),
            &mapped.days.1.map(|day| day.to_string()).unwrap_or_default(),
            &row.state(),
            &mapped.reviewed,
            &mapped.why,
        ])?;
    }
    Ok(csv.flush()?)
}
