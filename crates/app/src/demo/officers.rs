//! The officers' scenes: what happens at noon, when the day closes, and when the month is cleared.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::{Context, ensure};
use centre::{ClearingDesk, Hands, MappingDesk, MappingState, Plan, Review};
use jiff::civil::Date;
use model::{Clock, HospitalId, Payer, SettlementId, likeness};
use money::Money;
use policy::{Edition, Editions, Trail};
use serde_json::{Value, json};
use store::{EntryKind, HospitalRow};

use super::Demo;
use super::bodies;
use super::town::NEIGHBOUR;
use super::window::{Booked, Style, Window};
use crate::comparison::{Side, side_by_side};
use crate::receipt::{aligned, padded};

/// What is played at noon: one bill under two editions, mappings looked at, an edition changed, tried and published.
pub(crate) fn noon(demo: &Demo, checked: SettlementId) -> anyhow::Result<()> {
    demo.clock.set(demo.today.at(12, 0, 0, 0));
    two_editions(demo, checked)?;
    mappings_reviewed(demo)?;
    edition_published(demo)
}

/// The city's edition of 2001.
const OLD: &str = "2001-01-01";

fn two_editions(demo: &Demo, checked: SettlementId) -> anyhow::Result<()> {
    demo.tell("王建国的账单,新旧两个办法并排", "王建国's bill under the edition of today and that of 2001");
    let town = demo.town.borrow();
    let mut reader = town.reader()?;
    let row = reader.settlement(checked)?.context("the bill stands in the books")?;
    let edition = town.editions.named(&row.edition).context("its edition")?;
    let tried = crate::city::edition(OLD, None)?;
    let other = |id| reader.settlement(id).ok().flatten();
    let again = centre::under(&row, &town.editions, &tried, other).context("it can be reckoned again")?;
    let trail = Trail::decode(&row.trail)?;
    let left = Side { edition, amounts: &row.amounts, trail: &trail };
    let right = Side { edition: &tried, amounts: &again.amounts, trail: &again.trail };
    print!("{}", side_by_side(&left, &right, demo.lang.into()));
    Ok(())
}

fn mappings_reviewed(demo: &Demo) -> anyhow::Result<()> {
    demo.tell("医保中心:审核上传的目录对照", "the centre: an officer looks at the mappings");
    let hospitals: Vec<HospitalId> = institutions(demo)?.iter().map(|row| row.id).collect();
    let town = demo.town.borrow();
    let items = centre::mapped_items(town.reader()?.as_mut(), &hospitals, &town.sealer)?;
    drop(town);
    let listed = |code: &str| {
        let found = demo.city.catalogue.items().iter().find(|item| item.code == code);
        found.map_or("", |item| item.name.as_str())
    };
    for item in items.iter().filter(|item| item.state == MappingState::Waiting) {
        let alike = likeness(&item.name, listed(&item.item));
        let (found, why) = if alike >= 90 {
            (Review::Pass, "")
        } else {
            (Review::SendBack, "名称与目录不符 not what the catalogue calls it")
        };
        demo.town.borrow_mut().officer(None, |writer, sealer, clock| {
            Ok(MappingDesk::new(writer, sealer, clock).review(
                item.hospital,
                std::slice::from_ref(item),
                found,
                OFFICER,
                why,
            )?)
        })?;
        let told = if found == Review::Pass {
            demo.word("通过", "passed")
        } else {
            demo.word("退回", "sent back")
        };
        println!("  {} {} -> {} {alike}%  {told}", item.own, item.name, listed(&item.item));
    }
    Ok(())
}

/// One line of the edition is another: what the year would have come to is shown, then it is in force from next month.
fn edition_published(demo: &Demo) -> anyhow::Result<()> {
    demo.tell(
        "医保中心:二级医院门诊报销比例 80% 改为 85%,按今年的结算试算后发布,下月起施行",
        "the centre: outpatient care at level 2 is paid at 85 % for 80 %; tried on this year's bills, then published for next month",
    );
    let from = first_of_next_month(demo.today)?;
    let (key, text) = sample::EDITIONS[1];
    let changed = text
        .replacen("from = 2026-01-01", &format!("from = {from}"), 1)
        .replacen(RATE, &RATE.replace("80%", "85%"), 1)
        .replacen("(示例 2026)", "(示例修订)", 1);
    ensure!(changed.contains("85%"), "{key} has no line {RATE}");
    let tried = Edition::parse(&format!("{from}.toml"), &changed)?;
    let town = demo.town.borrow();
    let year = demo.today.first_of_year();
    let plan = Plan { edition: &tried, editions: &town.editions, from: year, to: demo.today };
    let effects = centre::rehearse(town.reader()?.as_mut(), plan, 2, &mut |_| {})?;
    drop(town);
    let names: HashMap<HospitalId, String> =
        institutions(demo)?.into_iter().map(|row| (row.id, row.name)).collect();
    print!("{}", crate::rehearsal::table(&effects, &names, demo.lang.into()));
    let mut all: Vec<Edition> = demo.town.borrow().editions.iter().cloned().collect();
    all.push(tried);
    demo.town.borrow_mut().officer(Some(Editions::new(all)?), |_, _, _| Ok(()))
}

/// The line of the edition that is changed.
const RATE: &str = r#"{ level = 2, is = "80%" }"#;
const OFFICER: &str = "示例审核员";
const SECOND: &str = "示例复核员";

fn institutions(demo: &Demo) -> anyhow::Result<Vec<HospitalRow>> {
    demo.town.borrow().hospitals()
}

fn first_of_next_month(day: Date) -> anyhow::Result<Date> {
    Ok(day.last_of_month().tomorrow()?)
}

/// The day closes: every hospital's sums are compared with the centre's; the one that has lost an answer is told what is
/// missing, writes it, and agrees.
pub(crate) fn evening(demo: &Demo, windows: &[Window<'_>]) -> anyhow::Result<()> {
    demo.clock.set(demo.today.at(13, 0, 0, 0));
    let longsai = of(windows, "龙赛医院")?;
    demo.tell(
        "龙赛医院:程序继续结算;一笔的应答没有写入医院账",
        "龙赛医院: its program goes on; the answer to one bill is not written in the hospital's books",
    );
    let charges = [demo.one("血常规(五分类)", "64")?];
    longsai.settle(demo.city.person("罗阿婆"), demo.clock.now(), &charges, "64.00")?;
    let lost = longsai.till.borrow_mut().pop().context("it was just written")?;
    demo.clock.set(demo.today.at(17, 30, 0, 0));
    demo.tell("日终对账", "the day's reconciliation");
    let (mut equal, mut different) = (0, Vec::new());
    for hospital in
        demo.city.hospitals.iter().filter(|h| h.kind == "hospital" && !h.division.starts_with(NEIGHBOUR))
    {
        let own: Vec<&Window<'_>> =
            windows.iter().filter(|w| w.vendor.hospital.code == hospital.code).collect();
        let agreed = match own.first() {
            Some(window) => agree(window, &booked(&own, demo.today))?,
            None => agree(&Window::open(demo, &hospital.name, Style::Compact)?, &[])?,
        };
        if agreed { equal += 1 } else { different.push(&hospital.name) }
    }
    println!(
        "  3201 {}: {equal}/{}  {}",
        demo.word("相符", "equal"),
        equal + different.len(),
        different.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(" ")
    );
    ensure!(different == ["龙赛医院"], "other hospitals differ: {different:?}");
    cured(demo, longsai, lost)
}

/// All that the windows of a hospital wrote on a day.
fn booked(windows: &[&Window<'_>], day: Date) -> Vec<Booked> {
    let all = windows.iter().flat_map(|window| window.till.borrow().clone());
    all.filter(|row| row.day == day).collect()
}

fn of<'w, 'd>(windows: &'w [Window<'d>], name: &str) -> anyhow::Result<&'w Window<'d>> {
    windows.iter().find(|w| w.vendor.hospital.name == name).with_context(|| format!("no window of {name}"))
}

fn sums(rows: &[Booked]) -> [Money; 3] {
    [0, 1, 2].map(|at| rows.iter().map(|row| row.amounts[at]).sum())
}

/// 3201 of a day, of each kind of bill; whether all were equal.
fn agree(window: &Window<'_>, rows: &[Booked]) -> anyhow::Result<bool> {
    let mut kinds: BTreeSet<(String, String)> =
        rows.iter().map(|row| (row.insurance.clone(), row.kind.clone())).collect();
    kinds.insert(("310".into(), "11".into()));
    let day = window.demo.today.to_string();
    let mut equal = true;
    for (insurance, kind) in kinds {
        let of_kind: Vec<Booked> =
            rows.iter().filter(|row| row.insurance == insurance && row.kind == kind).cloned().collect();
        let [total, funds, account] = sums(&of_kind).map(|sum| sum.to_string());
        let said = window.say(
            "3201",
            &json!({"data": {
                "insutype": insurance, "clr_type": kind, "setl_optins": "990100", "stmt_begndate": day,
                "stmt_enddate": day, "medfee_sumamt": total, "fund_pay_sumamt": funds, "acct_pay": account,
                "fixmedins_setl_cnt": of_kind.len(), "refd_setl_flag": "1",
            }}),
        )?;
        equal &= said.get("stmtinfo", "stmt_rslt")? == "0";
    }
    Ok(equal)
}

/// 9101, 3202, 9102: the row that differs is named; the hospital writes it, and agrees.
fn cured(demo: &Demo, window: &Window<'_>, lost: Booked) -> anyhow::Result<()> {
    let of_kind =
        |rows: Vec<Booked>| -> Vec<Booked> { rows.into_iter().filter(|row| row.kind == lost.kind).collect() };
    let rows = of_kind(booked(&[window], demo.today));
    let line = |row: &Booked| {
        let [total, funds, account] = row.amounts.map(|amount| amount.to_string());
        let refund = if row.refund { "1" } else { "0" };
        [&row.person, &row.visit, &row.settlement, &row.msgid, refund, &total, &funds, &account].join("\t")
    };
    let text: String = rows.iter().map(|row| line(row) + "\r\n").collect();
    let code = &window.vendor.hospital.code;
    let zip = wire::zip("rows.txt", text.as_bytes());
    let sent = window
        .say("9101", &json!({"fsUploadIn": {"in": zip, "filename": "rows.zip", "fixmedins_code": code}}))?;
    let [total, funds, _] = sums(&rows).map(|sum| sum.to_string());
    let day = demo.today.to_string();
    let said = window.say("3202", &json!({"data": {
        "clr_type": lost.kind, "setl_optins": "990100", "file_qury_no": sent.get("output", "file_qury_no")?,
        "stmt_begndate": day, "stmt_enddate": day, "medfee_sumamt": total, "fund_pay_sumamt": funds,
        "cash_payamt": "0", "fixmedins_setl_cnt": rows.len(), "refd_setl_flag": "1",
    }}))?;
    let number = said.get("fileinfo", "file_qury_no")?;
    let asked =
        json!({"fsDownloadIn": {"file_qury_no": number, "filename": "result.zip", "fixmedins_code": code}});
    let result = window.say("9102", &asked)?;
    let named = wire::text_of(&result.answer.text).map_err(|e| anyhow::anyhow!("the result: {e:?}"))?;
    named.lines().for_each(|line| println!("  3202 {}", line.replace('\t', "  ")));
    ensure!(
        named.lines().count() == 1 && named.contains("NOT_WRITTEN") && named.contains(&lost.visit),
        "{named}"
    );
    window.till.borrow_mut().push(lost);
    ensure!(agree(window, &booked(&[window], demo.today))?, "the sums still differ");
    println!("  {}", demo.word("补记后 3201 相符", "written after all, and 3201 is equal"));
    Ok(())
}

/// The next month begins: a bill under the changed edition, the neighbour's list confirmed, every hospital's month applied
/// for, closed and paid.
pub(crate) fn month(demo: &Demo, windows: &[Window<'_>]) -> anyhow::Result<()> {
    let first = first_of_next_month(demo.today)?;
    demo.clock.set(first.at(9, 0, 0, 0));
    demo.tell(
        "大榭医院:新办法施行,王建国门诊 100.00 试算,起付线之上付 85%",
        "大榭医院: the changed edition is in force; 王建国, a trial of 100.00, 85 % above the deductible",
    );
    let (daxie, person) = (of(windows, "大榭医院")?, demo.city.person("王建国"));
    let visit = daxie.charge(person, demo.clock.now(), &[demo.one("血常规(五分类)", "100")?])?;
    let trial = daxie.say("2206", &bodies::bill(&person.number, &visit, "1", "100.00"))?;
    let paid = trial.get("setlinfo", "hifp_pay")?;
    println!("  2206: hifp_pay {paid}");
    if first.year() == demo.today.year() {
        ensure!(paid == "85.00", "the changed edition pays {paid}");
    }
    elsewhere_confirmed(demo, of(windows, "邻州市人民医院")?)?;
    demo.tell("月度清算", "the month's clearing");
    for month in months(windows, first) {
        applied(windows, month)?;
        cleared(demo, month)?;
    }
    edition_withdrawn(demo)
}

/// What is done with the demo from now on goes by the city's own editions: whoever looks at its books has those at hand.
fn edition_withdrawn(demo: &Demo) -> anyhow::Result<()> {
    demo.tell(
        "演示中改动的办法撤回,以后的账单仍按本市原有版本",
        "the changed edition is withdrawn: bills from now on go by the city's own",
    );
    demo.town.borrow_mut().officer(Some(crate::city::editions(None)?), |_, _, _| Ok(()))
}

/// First days of the months with bills that are over.
fn months(windows: &[Window<'_>], before: Date) -> BTreeSet<Date> {
    let days =
        windows.iter().flat_map(|window| window.till.borrow().iter().map(|row| row.day).collect::<Vec<_>>());
    days.map(Date::first_of_month).filter(|month| *month < before).collect()
}

/// 3260, 3261: what the home city's people were treated for in the neighbour city.
fn elsewhere_confirmed(demo: &Demo, window: &Window<'_>) -> anyhow::Result<()> {
    demo.tell(
        "邻州市人民医院:核对外地参保人的月度明细并确认",
        "邻州市人民医院: reads and confirms the month's list of other cities' people",
    );
    let (year, month) = (demo.today.strftime("%Y").to_string(), demo.today.strftime("%m").to_string());
    let told =
        window.say("3260", &json!({"data": {"trt_year": year, "trt_month": month, "start_row": "1"}}))?;
    let answer: Value = serde_json::from_slice(&told.answer.text)?;
    let rows = answer["output"]["data"].as_array().context("rows of the month")?;
    let given_back = |row: &Value| {
        let mut told = json!({"cnfm_flag": "1"});
        for name in ["certno", "mdtrt_id", "mdtrt_setl_time", "setl_sn", "medfee_sumamt", "optins_pay_sumamt"]
        {
            told[name] = row[name].clone();
        }
        told
    };
    let rows: Vec<Value> = rows.iter().map(given_back).collect();
    let data = json!({"trt_year": year, "trt_month": month, "totalrow": rows.len().to_string()});
    window.say("3261", &json!({"data": data, "detail": rows}))?;
    println!("  3260/3261: {}", rows.len());
    Ok(())
}

/// 3203 of every hospital that has bills of the month.
fn applied(windows: &[Window<'_>], month: Date) -> anyhow::Result<()> {
    let mut said = BTreeSet::new();
    for window in windows.iter().filter(|w| !w.vendor.hospital.division.starts_with(NEIGHBOUR)) {
        let rows = window.till.borrow().clone();
        for row in rows.iter().filter(|row| row.day.first_of_month() == month) {
            if said.insert((window.vendor.hospital.code.clone(), row.kind.clone())) {
                let data = json!({"clr_type": row.kind, "clr_way": "10", "setlym": month.strftime("%Y%m").to_string()});
                window.say("3203", &json!({ "data": data }))?;
            }
        }
    }
    Ok(())
}

/// What an officer says who works with a second one.
const HANDS: Hands<'static> = Hands { by: OFFICER, confirmed_by: SECOND, why: "" };

/// The month is closed with every institution and paid: a sheet for each payer, one figure for the bank.
fn cleared(demo: &Demo, month: Date) -> anyhow::Result<()> {
    let rules = crate::city::clearing_rules(None)?;
    let hospitals = institutions(demo)?;
    let run = format!("{}-1", month.strftime("%Y-%m"));
    let waiting = demo.town.borrow_mut().officer(None, |writer, sealer, clock| {
        let mut desk = ClearingDesk::new(writer, sealer, clock);
        let mut waiting = 0;
        for hospital in &hospitals {
            // The neighbour's hospital applies to its own centre.
            let unapplied = hospital.division.starts_with(NEIGHBOUR);
            let closed = desk.close(hospital, month, &rules, &HashMap::new(), unapplied, HANDS)?;
            waiting += closed.waiting.len();
        }
        for hospital in &hospitals {
            desk.pay(hospital.id, month, &run, HANDS)?;
        }
        Ok(waiting)
    })?;
    println!("  {} {run}", demo.word("批次", "run"));
    let town = demo.town.borrow();
    let mut reader = town.reader()?;
    let mut sheets: BTreeMap<Payer, BTreeMap<EntryKind, Money>> = BTreeMap::new();
    let mut bank = Money::ZERO;
    for hospital in &hospitals {
        for entry in centre::entries_of(reader.as_mut(), hospital.id)?
            .iter()
            .filter(|e| e.at.date() == demo.clock.now().date())
        {
            *sheets.entry(entry.payer).or_default().entry(entry.kind).or_default() += entry.amount;
            if entry.kind == EntryKind::Payment && entry.reference == run {
                bank -= entry.amount;
            }
        }
    }
    let columns = [
        EntryKind::Claim,
        EntryKind::Audit,
        EntryKind::Points,
        EntryKind::Withheld,
        EntryKind::Retention,
        EntryKind::Payment,
    ];
    let heads: String = columns.iter().map(|kind| aligned(kind.word(), 14)).collect();
    println!("  {}{heads}", padded(demo.word("付款方", "payer"), 24));
    for (payer, sheet) in &sheets {
        let cells: String = columns
            .iter()
            .map(|kind| aligned(&sheet.get(kind).copied().unwrap_or(Money::ZERO).to_string(), 14))
            .collect();
        println!("  {}{cells}", padded(payer.word(), 24));
    }
    println!(
        "  {}: {bank}; {}: {waiting}",
        demo.word("银行拨付合计", "to the bank"),
        demo.word("待结算清单或分组的住院", "stays that lack their list or group")
    );
    Ok(())
}
