//! Officers' tools: check a folder of policies with its cases; explain a bill or a stored settlement.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use clap::Subcommand;
use jiff::civil::Date;
use model::{Clock, SettlementId, SystemClock};
use policy::{BadCase, CaseFile, Edition, Editions, Failure, Language, check_case};

use crate::Lang;
use crate::city::texts;
use crate::comparison::{Side, side_by_side};
use crate::rehearsal::{RehearseArguments, rehearse};

#[derive(Subcommand)]
pub enum PolicyCommand {
    /// Check editions and run their cases 检查政策版本并运行案例
    Check {
        /// A city's folder, or the folder of all cities
        folder: PathBuf,
        /// Language of problems
        #[arg(long, value_enum, default_value_t = Lang::Zh)]
        lang: Lang,
    },
    /// Explain a bill from a file, or a stored settlement by its number 说明一份账单或一笔结算
    Explain {
        /// A file, or a settlement's number
        what: String,
        /// The database of a stored settlement
        #[arg(long)]
        database: Option<String>,
        /// Another edition to set beside: a file, or the first day of an edition of the city
        #[arg(long)]
        compare: Option<String>,
        /// Folder of the city's policies; the sample city's where left out
        #[arg(long)]
        policies: Option<PathBuf>,
        /// Language of the steps
        #[arg(long, value_enum, default_value_t = Lang::Zh)]
        lang: Lang,
    },
    /// A small city to write on: an edition, a case and a bad case 新建一座城市
    New {
        /// The city's name
        name: String,
        /// The first day its edition is in force; today where left out
        #[arg(long)]
        from: Option<Date>,
        /// The folder of all cities
        #[arg(long, default_value = "policies")]
        folder: PathBuf,
    },
    /// What differs between two editions, in words 用文字列出两个版本的不同
    Diff {
        /// The older: a file, or the first day of an edition of the city
        old: String,
        /// The newer
        new: String,
        /// Folder of the city's policies; the sample city's where left out
        #[arg(long)]
        policies: Option<PathBuf>,
        /// Language of what is told
        #[arg(long, value_enum, default_value_t = Lang::Zh)]
        lang: Lang,
    },
    /// Reckon stored settlements under another edition; changes nothing 按另一版本试算已有结算
    Rehearse(RehearseArguments),
}

pub fn carry_out(command: PolicyCommand) -> anyhow::Result<ExitCode> {
    match command {
        PolicyCommand::Check { folder, lang } => check(&folder, lang.into()),
        PolicyCommand::New { name, from, folder } => new_city(&name, from, &folder),
        PolicyCommand::Diff { old, new, policies, lang } => {
            diff(&old, &new, policies.as_deref(), lang.into())
                .map_err(|error| crate::city::in_words(error, lang.into()))
        }
        PolicyCommand::Rehearse(arguments) => rehearse(&arguments),
        PolicyCommand::Explain { what, database, compare, policies, lang } => {
            let asked = Asked { what, database, compare, policies, language: lang.into() };
            explain(&asked).map_err(|error| crate::city::in_words(error, lang.into()))
        }
    }
}

/// Writes a city's first files; a city that is there stays as it is.
fn new_city(name: &str, from: Option<Date>, folder: &Path) -> anyhow::Result<ExitCode> {
    let plain = !name.is_empty() && !name.contains(['/', '\\']) && !name.starts_with('.');
    ensure!(plain, "`{name}` cannot be a folder's name 不能作文件夹名");
    let city = folder.join(name);
    ensure!(!city.exists(), "{} is there already 已存在", city.display());
    let from = from.unwrap_or_else(|| SystemClock.now().date());
    for (file, text) in policy::manual::new_city(name, from) {
        let file = city.join(file);
        let parent = file.parent().unwrap_or(&city);
        fs::create_dir_all(parent).with_context(|| format!("making {}", parent.display()))?;
        fs::write(&file, text).with_context(|| format!("writing {}", file.display()))?;
        println!("{}", file.display());
    }
    Ok(ExitCode::SUCCESS)
}

fn diff(old: &str, new: &str, policies: Option<&Path>, language: Language) -> anyhow::Result<ExitCode> {
    let texts = [old, new].map(|named| crate::city::edition_text(named, policies));
    let [old_text, new_text] = texts;
    let (old_text, new_text) = (old_text?, new_text?);
    let lines = policy::manual::differences((old, &old_text), (new, &new_text), language)?;
    let from = Edition::parse(new, &new_text)?.head.from;
    match language {
        Language::Zh => println!("自 {from} 起,{} 处不同", lines.len()),
        Language::En => println!("from {from} on, {} differences", lines.len()),
    }
    lines.iter().for_each(|line| println!("  {line}"));
    Ok(ExitCode::SUCCESS)
}

/// What a check came to.
struct Tally {
    language: Language,
    editions: usize,
    cases: usize,
    failed: usize,
}

fn check(folder: &Path, language: Language) -> anyhow::Result<ExitCode> {
    let mut tally = Tally { language, editions: 0, cases: 0, failed: 0 };
    for city in cities(folder)? {
        tally.check_city(&city)?;
    }
    println!("policies: {} editions, {} cases, {} failed", tally.editions, tally.cases, tally.failed);
    Ok(if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The folder itself, or every folder in it, that has editions.
fn cities(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if folder.join("editions").is_dir() {
        return Ok(vec![folder.into()]);
    }
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    let mut cities: Vec<PathBuf> =
        entries.filter_map(|e| Some(e.ok()?.path())).filter(|p| p.join("editions").is_dir()).collect();
    cities.sort();
    if cities.is_empty() {
        bail!("{} has no city with editions/*.toml", folder.display());
    }
    Ok(cities)
}

impl Tally {
    fn check_city(&mut self, city: &Path) -> anyhow::Result<()> {
        let mut editions = Vec::new();
        for (name, text) in texts(&city.join("editions"), "toml")? {
            let file = city.join("editions").join(&name).display().to_string();
            self.editions += 1;
            match Edition::parse(&file, &text) {
                Ok(edition) => editions.push(edition),
                Err(problems) => self.fail(&problems.told(self.language)),
            }
        }
        match Editions::new(editions) {
            Ok(editions) => self.check_cases(city, &editions),
            Err(problems) => {
                self.fail(&problems.told(self.language));
                Ok(())
            }
        }
    }

    fn check_cases(&mut self, city: &Path, editions: &Editions) -> anyhow::Result<()> {
        for (name, text) in cases(city, "good")? {
            match check_case(&name, &text, editions) {
                Ok((title, failures)) => self.count(&name, &title, &failures),
                Err(problems) => self.fail(&problems.told(self.language)),
            }
        }
        for (name, text) in cases(city, "bad")? {
            match BadCase::parse(&name, &text) {
                Ok(case) => {
                    let good =
                        fs::read_to_string(city.join("editions").join(&case.based_on)).unwrap_or_default();
                    self.count(&name, &case.title, &case.check(&name, &good));
                }
                Err(problems) => self.fail(&problems.told(self.language)),
            }
        }
        Ok(())
    }

    fn count(&mut self, name: &str, title: &str, failures: &[Failure]) {
        self.cases += 1;
        if !failures.is_empty() {
            let told: Vec<String> = failures.iter().map(ToString::to_string).collect();
            self.fail(&format!("{name}: {title}\n  {}", told.join("\n  ")));
        }
    }

    fn fail(&mut self, what: &str) {
        self.failed += 1;
        println!("{}", what.trim_end());
    }
}

/// The cases of a city, good or bad; a city may have none.
fn cases(city: &Path, kind: &str) -> anyhow::Result<Vec<(String, String)>> {
    let folder = city.join("cases").join(kind);
    if folder.is_dir() { texts(&folder, "toml") } else { Ok(Vec::new()) }
}

/// What is to be explained.
struct Asked {
    what: String,
    database: Option<String>,
    compare: Option<String>,
    policies: Option<PathBuf>,
    language: Language,
}

fn explain(asked: &Asked) -> anyhow::Result<ExitCode> {
    let editions = crate::city::editions(asked.policies.as_deref())?;
    let tried = asked
        .compare
        .as_deref()
        .map(|named| crate::city::edition(named, asked.policies.as_deref()))
        .transpose()?;
    if Path::new(&asked.what).exists() {
        explain_file(asked, &editions, tried.as_ref())
    } else {
        explain_settlement(asked, &editions, tried.as_ref())
    }
}

fn explain_file(asked: &Asked, editions: &Editions, tried: Option<&Edition>) -> anyhow::Result<ExitCode> {
    let case = CaseFile::parse(&asked.what, &fs::read_to_string(&asked.what)?)?;
    let edition =
        case.edition(editions).context("no edition is in force for this bill 没有适用的政策版本")?;
    let settled = case.adjudicate(edition, editions)?;
    let Some(tried) = tried else {
        crate::settle::print(&case, edition, &settled, asked.language);
        return Ok(ExitCode::SUCCESS);
    };
    let again = case.adjudicate(tried, &Editions::new(vec![tried.clone()])?)?;
    println!("{}", case.title);
    let left = Side { edition, amounts: &settled.amounts, trail: &settled.trail };
    let right = Side { edition: tried, amounts: &again.amounts, trail: &again.trail };
    print!("{}", side_by_side(&left, &right, asked.language));
    Ok(ExitCode::SUCCESS)
}

fn explain_settlement(
    asked: &Asked,
    editions: &Editions,
    tried: Option<&Edition>,
) -> anyhow::Result<ExitCode> {
    let what = &asked.what;
    let id: SettlementId =
        what.parse().with_context(|| format!("`{what}` is neither a file nor a settlement's number"))?;
    let database = asked
        .database
        .as_deref()
        .context("a stored settlement needs --database 请用 --database 指定数据库")?;
    let mut reader = crate::stores::open_read_only(database, Arc::new(SystemClock))?.reader()?;
    let row = reader.settlement(id)?.with_context(|| format!("there is no settlement {id} 没有这笔结算"))?;
    println!("{id}  {}  {}", row.decided, row.edition);
    let Some(tried) = tried else {
        let steps = crate::explanation::steps(&row, editions, asked.language)?;
        crate::receipt::lines(&row.amounts, asked.language).iter().for_each(|line| println!("  {line}"));
        for (n, step) in (1..).zip(steps) {
            println!("  {n:>2}. {step}");
        }
        return Ok(ExitCode::SUCCESS);
    };
    ensure!(
        !row.kind.undoes(),
        "settlement {id} undoes {}: compare that one 该笔为撤销,请比较原结算",
        row.root
    );
    let mut failed = None;
    let again = centre::under(&row, editions, tried, |id| {
        reader.settlement(id).unwrap_or_else(|error| {
            failed = Some(error);
            None
        })
    });
    if let Some(error) = failed {
        return Err(error.into());
    }
    let again = again.context("the settlement's inputs or edition are not at hand 缺少该结算的输入或版本")?;
    let edition = editions.named(&row.edition).expect("its edition was just used");
    let trail = policy::Trail::decode(&row.trail)?;
    let left = Side { edition, amounts: &row.amounts, trail: &trail };
    let right = Side { edition: tried, amounts: &again.amounts, trail: &again.trail };
    print!("{}", side_by_side(&left, &right, asked.language));
    Ok(ExitCode::SUCCESS)
}
