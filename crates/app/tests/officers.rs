//! What policy officers try before an edition is in force.

mod common;

use common::{folder, root, tongqu};

/// The edition of 2026, something in it replaced, as a file.
fn edition(path: &str, replace: &str, with: &str) -> String {
    let text = std::fs::read_to_string(root().join("policies/demo-city/editions/2026-01-01.toml")).unwrap();
    assert!(text.contains(replace));
    let file = format!("{path}/tried.toml");
    std::fs::write(&file, text.replacen(replace, with, 1)).unwrap();
    file
}

#[test]
fn one_bill_is_set_beside_itself_under_another_edition() {
    let ran = tongqu(&["policy", "explain", "examples/outpatient.toml", "--compare", "2001-01-01"]).exits(0);
    let line = |word: &str| {
        let line = ran.out.lines().find(|l| l.contains(word)).unwrap_or_else(|| panic!("{}", ran.out));
        line.split_whitespace().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(line("统筹基金"), ["24.80", "0.00", "-24.80"]);
    assert_eq!(line("费用总额"), ["231.70", "231.70"]);
    let unknown = ["policy", "explain", "examples/outpatient.toml", "--compare", "1999-01-01"];
    assert!(tongqu(&unknown).exits(2).err.contains("既不是版本起始日,也不是文件"));
}

#[test]
fn a_year_of_settlements_is_rehearsed_under_one_changed_line_and_the_books_stay() {
    let (_folder, path) = folder();
    tongqu(&["demo", "--once", "--persons", "60", "--folder", &path]).exits(0);
    let database = format!("sqlite://{path}/centre.db");
    let rehearse = |edition: &str, more: &[&str]| {
        let asked =
            ["policy", "rehearse", "--edition", edition, "--from", "2000-01-01", "--to", "2099-12-31"];
        tongqu(&[&asked[..], &["--database", &database], more].concat())
    };
    let level2 = r#"{ level = 2, is = "80%" }"#;
    let tried = edition(&path, level2, r#"{ level = 2, is = "90%" }"#);
    let (csv, svg) = (format!("{path}/effects.csv"), format!("{path}/effects.svg"));
    let ran = rehearse(&tried, &["--from", "2026-01-01", "--csv", &csv, "--svg", &svg]);
    // Said twice is a mistake that is told.
    assert_eq!(ran.code, Some(2), "{}", ran.out);
    let asked = ["--from", "2026-01-01", "--to", "2099-12-31", "--csv", &csv, "--svg", &svg, "--lang", "en"];
    let of = ["policy", "rehearse", "--edition", &tried, "--database", &database];
    let ran = tongqu(&[&of[..], &asked].concat()).exits(0);
    let last = ran.out.lines().last().unwrap();
    assert!(last.starts_with("rehearsal: ") && last.contains("funds +"), "{}", ran.out);
    assert!(ran.out.contains("tenth 9 of persons by cost"), "{}", ran.out);
    let figures = std::fs::read_to_string(csv).unwrap();
    assert!(
        figures.starts_with('\u{feff}') && figures.lines().all(|l| l.split(',').count() == 12),
        "{figures}"
    );
    let picture = std::fs::read_to_string(svg).unwrap();
    assert!(picture.contains("<svg ") && picture.contains("大榭医院"), "{picture}");
    let count = tongqu(&["verify", "--database", &database]).exits(0).out;
    assert!(count.trim_end().ends_with(", 0 violations"), "{count}");
    let wrong =
        ["policy", "rehearse", "--edition", "2026-01-01", "--from", "2026-02-01", "--to", "2026-01-01"];
    assert!(
        tongqu(&[&wrong[..], &["--database", &database]].concat()).exits(2).err.contains("起始日晚于终止日")
    );
}

#[test]
fn a_stored_settlement_is_set_beside_itself_under_another_edition() {
    let (_folder, path) = folder();
    let demo = tongqu(&["demo", "--once", "--persons", "60", "--folder", &path]).exits(0);
    let database = format!("sqlite://{path}/centre.db");
    let number = common::settlement(&demo.out);
    let asked = ["policy", "explain", &number, "--database", &database, "--compare", "2026-01-01"];
    let told = tongqu(&asked).exits(0).out;
    assert!(told.contains("费用总额") && told.matches("(2026-01-01)").count() == 2, "{told}");
}

#[test]
fn a_month_of_premiums_is_credited_from_a_file_once() {
    let (_folder, path) = folder();
    tongqu(&["demo", "--once", "--persons", "60", "--folder", &path]).exits(0);
    let (database, file) = (format!("sqlite://{path}/centre.db"), format!("{path}/premiums.csv"));
    let credit =
        || tongqu(&["fund", "credit", "--month", "2026-11", "--file", &file, "--database", &database]);
    std::fs::write(&file, "number,base,pension,received\n99010000000000000001,seven,,yes\n").unwrap();
    assert!(credit().exits(2).err.contains(
        "line 2 column base 第 2 行 base: `seven`: 应为金额(元) `seven`: it must be an amount in yuan"
    ));
    std::fs::write(
        &file,
        "number,base,pension,received\n99010000000000000001,7000.00,,yes\n99010000000000000002,,,no\n",
    )
    .unwrap();
    let first = credit().exits(0).out;
    assert!(first.contains("1 credited with 140.00, 0 before, 1 not received"), "{first}");
    let again = credit().exits(0).out;
    assert!(again.contains("0 credited with 0.00, 1 before, 1 not received"), "{again}");
    let year = ["fund", "year", "--year", "2026", "--database", &database];
    let ended = tongqu(&year).exits(0).out;
    assert!(ended.contains("60 credited") || ended.contains("credited with"), "{ended}");
    let list = format!("{path}/benefits.csv");
    let benefits =
        |year: &str| tongqu(&["fund", "benefits", "--year", year, "--list", &list, "--database", &database]);
    assert!(benefits("9998").exits(2).err.contains("the year is not over 该年度尚未结束"));
    let told = benefits("2025").exits(0).out;
    assert_eq!(
        told.trim(),
        "benefits 2025 年终补助: 0 paid 支付 0.00, 0 taken back 追回 0.00, owed in all 应付合计 0.00"
    );
    assert!(std::fs::read_to_string(&list).unwrap().starts_with("number,layer,fund,base,owed,"));
    tongqu(&["verify", "--database", &database]).exits(0);
    let nobody = ["fund", "inherit", "--from", "1", "--to", "2", "--database", &database];
    assert!(tongqu(&nobody).exits(1).out.contains("无此人员"));
}

#[test]
fn a_case_of_audit_is_listed_judged_by_two_and_exported() {
    let (_folder, path) = folder();
    tongqu(&["demo", "--once", "--persons", "16", "--folder", &path]).exits(0);
    let database = format!("sqlite://{path}/centre.db");
    let audit = |words: &[&str]| tongqu(&[&["audit"], words, &["--database", &database]].concat());
    let listed = audit(&["list"]).exits(0).out;
    assert!(listed.contains("TRACE-TWICE") && listed.ends_with("共 1 件,已扣款 0.00\n"), "{listed}");
    let number = listed.split_whitespace().next().unwrap();
    let amount = ["propose", number, "--amount", "18.60", "--by", "甲", "--why", "重复售出"];
    let refused = audit(&amount).exits(2).err;
    assert!(refused.contains("尚可扣的只有 0.00 of what funds paid"), "not settled yet: {refused}");
    assert!(audit(&["ask", number, "--by", "甲"]).exits(2).err.contains("须写明经办人和理由"));
    audit(&["ask", number, "--by", "甲", "--why", "请说明来源"]).exits(0);
    audit(&["appeal", number, "--by", "甲", "--why", "供货单附后"]).exits(0);
    audit(&["propose", number, "--amount", "0", "--by", "甲", "--why", "说明成立"]).exits(0);
    assert!(audit(&["confirm", number, "--by", "甲"]).exits(2).err.contains("须由另一人复审"));
    let dropped = audit(&["confirm", number, "--by", "乙", "--lang", "en"]).exits(0).out;
    assert!(dropped.contains("dropped") && dropped.contains("要求说明 asked 甲 请说明来源"), "{dropped}");
    let csv = format!("{path}/cases.csv");
    audit(&["list", "--state", "dropped", "--csv", &csv]).exits(0);
    let rows = std::fs::read_to_string(csv).unwrap();
    assert_eq!(rows.lines().count(), 2, "{rows}");
    assert!(rows.lines().all(|line| line.split(',').count() == 13), "{rows}");
    assert!(audit(&["show", "1-1"]).exits(2).err.contains("没有案件 1-1"));
    assert!(audit(&["list", "--hospital", "H1"]).exits(2).err.contains("没有机构 H1"));
    tongqu(&["verify", "--database", &database]).exits(0);
}

#[test]
fn a_month_is_closed_shown_paid_and_set_right_by_two() {
    let (_folder, path) = folder();
    let played = ["--persons", "16", "--today", "2026-10-05", "--until", "noon", "--folder", &path];
    tongqu(&[&["demo", "--once"], &played[..]].concat()).exits(0);
    let database = format!("sqlite://{path}/centre.db");
    let clearing = |words: &[&str]| tongqu(&[&["clearing"], words, &["--database", &database]].concat());
    let by = ["--by", "甲"];
    let close = |more: &[&str]| clearing(&[&["close", "--month", "2026-10"], &by[..], more].concat());
    let refused = close(&[]).exits(1).out;
    assert!(refused.contains("大榭医院: 医院未用 3203 申请清算类别 11"), "{refused}");
    assert!(close(&["--unapplied"]).exits(0).out.contains("institutions closed with entries, 0 家未清算"));
    assert!(close(&["--unapplied"]).exits(0).out.contains("清算: 0 家机构"), "again: nothing");
    let sheet = clearing(&["sheet", "--period", "2026-10"]).exits(0).out;
    let cells: Vec<Vec<&str>> = sheet.lines().map(|line| line.split(',').collect()).collect();
    assert!(cells.iter().all(|row| row.len() == 16), "{sheet}");
    let of = |name: &str, payer: &str, kind: &str| {
        let row = cells.iter().find(|row| row[1] == name && row[3] == payer && row[5] == kind).unwrap();
        row.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>()
    };
    // B4 at the neighbour city's hospital: 12,325.00, withheld for lack of a settlement list.
    let stay = of("邻州市人民医院", "pooled", "21");
    assert_eq!((&*stay[6], &*stay[9], &*stay[13]), ("12325.00", "-12325.00", "0.00"));
    let outpatient = of("大榭医院", "pooled", "11");
    assert_eq!((&*outpatient[6], &*outpatient[10], &*outpatient[13]), ("174.80", "-8.74", "166.06"));
    let account = of("大榭医院", "personal_account", "11");
    assert_eq!((&account[6], &*account[10]), (&account[13], "0.00"));
    let file = format!("{path}/bank.csv");
    let pay = || {
        clearing(&[&["pay", "--month", "2026-10", "--run", "2026-10-1", "--bank", &file], &by[..]].concat())
    };
    // A city whose list of accounts is empty: nothing is booked.
    let policies = format!("{path}/policies");
    std::fs::create_dir_all(format!("{policies}/clearing")).unwrap();
    let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/demo-city/clearing/2026-01-01.toml");
    std::fs::copy(rules, format!("{policies}/clearing/2026-01-01.toml")).unwrap();
    std::fs::write(format!("{policies}/clearing/accounts.csv"), "code,bank,account\n").unwrap();
    let nowhere =
        ["pay", "--month", "2026-10", "--run", "2026-10-1", "--bank", &file, "--policies", &policies];
    let refused = clearing(&[&nowhere[..], &by[..]].concat()).exits(2).err;
    assert!(refused.contains("没有银行账户") && refused.contains("大榭医院"), "{refused}");
    assert!(clearing(&["bank", "--run", "2026-10-1"]).exits(2).err.contains("没有拨付批次"));
    pay().exits(0);
    let first = std::fs::read_to_string(&file).unwrap();
    assert!(first.lines().any(|line| line.contains("大榭医院") && line.contains(",166.06,")), "{first}");
    assert!(pay().exits(2).err.contains("批次 2026-10-1 已拨付"));
    assert_eq!(clearing(&["bank", "--run", "2026-10-1"]).exits(0).out, first, "its list is the same again");
    let code = outpatient[0].as_str();
    let two = ["--confirmed-by", "乙", "--why", "单价录错"];
    let correct = |amount: &str, more: &[&str]| {
        let what = ["correct", "--month", "2026-10", "--hospital", code, "--payer", "pooled", "--kind", "11"];
        clearing(&[&what[..], &["--amount", amount, "--reference", "K1"], &by[..], more].concat())
    };
    assert!(correct("-1.00", &[]).exits(2).err.contains("须写明经办人、金额和理由"));
    correct("-1.00", &two).exits(0);
    let parts = format!("{path}/parts.csv");
    std::fs::write(&parts, format!("code,part\n{code},90%\n")).unwrap();
    let end = clearing(&[&["end-year", "--year", "2026", "--parts", &parts], &by[..], &two[..]].concat());
    assert!(end.exits(2).err.contains("2026 尚未结束 2026 is not over"));
    let permit = ["permit", "7", "--month", "2026-10", "--hospital", code];
    let refused = clearing(&[&permit[..], &by[..], &two[..]].concat()).exits(2).err;
    assert!(refused.contains("没有结算 7"), "{refused}");
    let verified = tongqu(&["verify", "--database", &database]).exits(0).out;
    assert!(verified.contains("I-20"), "{verified}");
}

#[test]
fn mappings_are_listed_beside_the_catalogue_passed_in_bulk_and_sent_back() {
    let (_folder, path) = folder();
    tongqu(&["demo", "--once", "--persons", "16", "--until", "noon", "--folder", &path]).exits(0);
    let database = format!("sqlite://{path}/centre.db");
    let mapping = |words: &[&str]| tongqu(&[&["mapping"], words, &["--database", &database]].concat());
    let listed = mapping(&["list", "--lang", "en"]).exits(0).out;
    let waiting: Vec<&str> = listed.lines().filter(|line| line.contains("  waiting  ")).collect();
    assert!(waiting.len() >= 2, "the demo's hospitals map items of theirs: {listed}");
    let words: Vec<&str> = waiting[0].split_whitespace().collect();
    let (code, own) = (*words.last().unwrap(), words[3]);
    mapping(&["send-back", "--hospital", code, "--item", own, "--by", "李审", "--why", "名称不符"]).exits(0);
    let passed = mapping(&["pass", "--hospital", code, "--alike", "95", "--by", "李审"]).exits(0).out;
    assert!(passed.starts_with("审核通过 passed: ") && !passed.ends_with(" 0\n"), "{passed}");
    let csv = format!("{path}/mappings.csv");
    mapping(&["list", "--hospital", code, "--state", "sent-back", "--csv", &csv]).exits(0);
    let rows = std::fs::read_to_string(csv).unwrap();
    assert!(rows.lines().count() == 2 && rows.contains("名称不符"), "{rows}");
    assert!(
        mapping(&["pass", "--hospital", code, "--by", "李审"]).exits(2).err.contains("用 --item 指明对照")
    );
    assert!(mapping(&["list", "--hospital", "H1"]).exits(2).err.contains("没有机构 H1"));
    tongqu(&["verify", "--database", &database]).exits(0);
}

#[test]
fn what_hospitals_upload_and_nobody_books_is_listed_and_read() {
    let (_folder, path) = folder();
    tongqu(&["demo", "--once", "--persons", "16", "--until", "noon", "--folder", &path]).exits(0);
    let database = format!("sqlite://{path}/centre.db");
    let uploads = |words: &[&str]| tongqu(&[&["uploads"], words, &["--database", &database]].concat());
    let csv = format!("{path}/uploads.csv");
    let days = ["list", "--from", "2026-11-01", "--to", "2026-11-30"];
    let listed = uploads(&[&days[..], &["--csv", &csv]].concat()).exits(0).out;
    assert_eq!(listed, "上传: 1\n");
    let rows = std::fs::read_to_string(csv).unwrap();
    let cells: Vec<&str> = rows.lines().nth(1).unwrap().split(',').collect();
    assert_eq!((cells[2], cells[5]), ("3501", "大榭医院"), "{rows}");
    assert!(uploads(&[&days[..], &["--infno", "3502"]].concat()).exits(0).out.ends_with(": 0\n"));
    let shown = uploads(&["show", cells[0], "--day", "2026-11-23", "--lang", "en"]).exits(0).out;
    assert!(shown.contains("invinfo (1)") && shown.contains("B2611"), "{shown}");
    uploads(&["show", cells[0], "--day", "2026-11-23", "--folder", &path]).exits(0);
    assert!(std::path::Path::new(&format!("{path}/3501-{}-invinfo.csv", cells[0])).exists());
    assert!(uploads(&["show", "7", "--day", "2026-11-23"]).exits(2).err.contains("该日没有这份上传"));
}
