//! What institutions uploaded and the centre only keeps, for officers: listed, and row by row.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use centre::{Upload, UploadRow};
use clap::Subcommand;
use jiff::civil::Date;
use store::HospitalRow;
use wire::{NodeSpec, Profile, print_time, transaction};

use crate::Lang;
use crate::books::{CityBooks, institution};

#[derive(Subcommand)]
pub enum UploadsCommand {
    /// Uploads of some days, the latest first; also while a centre runs 列出只留存的上传
    List {
        /// First day
        #[arg(long)]
        from: Date,
        /// Last day
        #[arg(long)]
        to: Date,
        /// Code of one institution; all of them where left out
        #[arg(long)]
        hospital: Option<String>,
        /// Of one transaction, such as 3501
        #[arg(long)]
        infno: Option<String>,
        /// Writes them to a file as CSV
        #[arg(long)]
        csv: Option<PathBuf>,
        /// Language of what is printed
        #[arg(long, value_enum, default_value_t = Lang::Zh)]
        lang: Lang,
        #[command(flatten)]
        city: CityBooks,
    },
    /// The rows of one, each node as CSV 查看一份上传的各行
    Show {
        /// Its number, as the list has it
        number: i64,
        /// The day it came
        #[arg(long)]
        day: Date,
        /// Writes each node to a file of this folder
        #[arg(long)]
        folder: Option<PathBuf>,
        /// Language of the columns
        #[arg(long, value_enum, default_value_t = Lang::Zh)]
        lang: Lang,
        #[command(flatten)]
        city: CityBooks,
    },
}

pub fn carry_out(command: UploadsCommand) -> anyhow::Result<ExitCode> {
    match command {
        UploadsCommand::List { from, to, hospital, infno, csv, lang, city } => {
            let store = city.books.read_only()?;
            let hospitals = store.hospitals()?;
            let asked = hospital.map(|code| institution(&hospitals, &code).map(|row| row.id)).transpose()?;
            let wanted = |hospital, number: &str| {
                asked.is_none_or(|asked| asked == hospital)
                    && infno.as_ref().is_none_or(|infno| infno == number)
            };
            let found = found(store.as_ref(), (from, to), wanted)?;
            let mut lines = found.iter().map(|upload| line(upload, &hospitals, lang));
            match csv {
                Some(file) => {
                    let mut csv =
                        csv::Writer::from_path(&file).with_context(|| file.display().to_string())?;
                    csv.write_record([
                        "number",
                        "at",
                        "infno",
                        "name",
                        "institution",
                        "institution_name",
                        "msgid",
                    ])?;
                    lines.try_for_each(|cells| csv.write_record(cells))?;
                    csv.flush()?;
                }
                None => lines.for_each(|cells| println!("{}", cells.join("  "))),
            }
            println!("{}: {}", if lang == Lang::Zh { "上传" } else { "uploads" }, found.len());
        }
        UploadsCommand::Show { number, day, folder, lang, city } => {
            show(number, day, folder.as_deref(), lang, &city)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn found(
    store: &dyn store::CentreStore,
    days: (Date, Date),
    wanted: impl Fn(model::HospitalId, &str) -> bool,
) -> anyhow::Result<Vec<Upload>> {
    let bar = crate::verify::progress("查找 looking, messages");
    let found = centre::uploads(store.reader()?.as_mut(), days, wanted, &mut |seen| {
        if seen.is_multiple_of(1_000) {
            bar.set_position(seen);
        }
    })?;
    bar.finish_and_clear();
    Ok(found)
}

fn line(upload: &Upload, hospitals: &[HospitalRow], lang: Lang) -> [String; 7] {
    let hospital = hospitals.iter().find(|row| row.id == upload.hospital);
    let (code, name) = hospital.map_or(("", ""), |row| (&row.code, &row.name));
    let of =
        transaction(&upload.infno).map_or("", |known| if lang == Lang::Zh { known.zh } else { known.en });
    [
        upload.id.0.to_string(),
        print_time(upload.at),
        upload.infno.clone(),
        of.to_owned(),
        code.to_owned(),
        name.to_owned(),
        upload.msgid.clone(),
    ]
}

fn show(number: i64, day: Date, folder: Option<&Path>, lang: Lang, city: &CityBooks) -> anyhow::Result<()> {
    let (sealer, store) = (city.books.sealer()?, city.books.read_only()?);
    let found = found(store.as_ref(), (day, day), |_, _| true)?;
    let upload = found.iter().find(|upload| upload.id.0 == number);
    let upload = upload.with_context(|| format!("there is no upload {number} of {day} 该日没有这份上传"))?;
    let hospitals = store.hospitals()?;
    let row = hospitals.iter().find(|row| row.id == upload.hospital).context("its institution")?;
    let dialects = crate::city::dialects(city.policies.as_deref())?;
    let profile = Profile::parse(&row.profile, &dialects).map_err(|why| anyhow!("{}: {why}", row.code))?;
    let rows = centre::upload_rows(store.reader()?.as_mut(), upload, &profile, &sealer)?;
    let rows = rows.context("it cannot be opened 无法打开")?;
    println!("{}", line(upload, &hospitals, lang).join("  "));
    let known = transaction(&upload.infno).context("its transaction")?;
    for node in &known.input {
        let own: Vec<&UploadRow> = rows.iter().filter(|row| row.node == node.name).collect();
        if own.is_empty() {
            continue;
        }
        let text = table(node, &own, lang)?;
        match folder {
            Some(folder) => {
                let file = folder.join(format!("{}-{number}-{}.csv", upload.infno, node.name));
                std::fs::write(&file, text).with_context(|| file.display().to_string())?;
                println!("{}", file.display());
            }
            None => println!("\n{} ({})\n{}", node.name, own.len(), text.trim_end()),
        }
    }
    Ok(())
}

/// The rows of a node, only columns of which something is said.
fn table(node: &NodeSpec, rows: &[&UploadRow], lang: Lang) -> anyhow::Result<String> {
    let said = |name: &str| rows.iter().any(|row| !row.said.text(name).is_empty());
    let fields: Vec<_> = node.fields.iter().filter(|field| said(field.name)).collect();
    let mut csv = csv::Writer::from_writer(Vec::new());
    let label = |field: &&wire::Field| if lang == Lang::Zh { field.label } else { field.label_en };
    csv.write_record(fields.iter().map(label))?;
    for row in rows {
        csv.write_record(fields.iter().map(|field| row.said.text(field.name)))?;
    }
    Ok(String::from_utf8(csv.into_inner().context("written in memory")?)?)
}
