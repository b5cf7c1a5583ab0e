//! What the executable says and how it exits: what scripts and manuals count on.

use std::collections::BTreeMap;

use serde_json::Value;

mod common;

use common::{Ran, fen, folder, root, tongqu};

#[test]
fn the_demo_ends_with_its_count_and_leaves_books_that_verify() {
    let (_folder, path) = folder();
    let ran = tongqu(&["demo", "--once", "--persons", "60", "--folder", &path]).exits(0);
    assert_eq!(ran.last(), "demo: N settlements, N reversals, N journals, N violations");
    for told in ["3201 相符: 42/43  龙赛医院", "[NOT_WRITTEN]", "补记后 3201 相符", "银行拨付合计: 7445.61"]
    {
        assert!(ran.out.contains(told), "{}", ran.out);
    }
    let database = format!("sqlite://{path}/centre.db");
    let verified = tongqu(&["verify", "--database", &database]).exits(0);
    assert_eq!(verified.last(), "verify: N settlements, N reversals, N journals, N violations");
    let count = |ran: &Ran| ran.out.lines().last().unwrap().split_once(' ').unwrap().1.to_owned();
    assert_eq!(count(&ran), count(&verified));
    assert!(count(&ran).ends_with(", 0 violations"), "{}", ran.out);
    let again = tongqu(&["demo", "--once", "--persons", "60", "--folder", &path]).exits(2);
    assert!(again.err.contains("is there already"), "{}", again.err);
}

#[test]
fn the_demo_plays_with_the_fewest_people_on_its_first_and_last_day_and_says_what_it_cannot_do() {
    for today in ["2026-08-01", "2028-10-23"] {
        let ran = tongqu(&["demo", "--once", "--persons", "16", "--today", today]).exits(0);
        assert!(ran.out.trim_end().ends_with(" 0 violations"), "{}", ran.out);
    }
    for persons in ["0", "3", "15", "500001", "-1", "many"] {
        let refused = tongqu(&["demo", "--once", &format!("--persons={persons}")]).exits(2);
        assert!(refused.err.contains("from 16 to 500000 场景中有 16 位人物"), "{}", refused.err);
    }
    for today in ["2000-01-01", "2026-07-31", "2028-10-24", "9999-12-31", "today"] {
        let refused = tongqu(&["demo", "--once", "--today", today]).exits(2);
        assert!(refused.err.contains("from 2026-08-01 to 2028-10-23 演示场景适用于"), "{}", refused.err);
    }
}

#[test]
fn the_manifest_of_a_demo_says_what_accounts_hold_once_it_serves() {
    let (_folder, path) = folder();
    let file = format!("{path}/city.json");
    tongqu(&["demo", "--once", "--persons", "16", "--manifest", &file]).exits(0);
    let manifest: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let balance = |name: &str| {
        let person = manifest["persons"].as_array().unwrap().iter().find(|p| p["name"] == name);
        person.unwrap()["balance"].as_str().unwrap().to_owned()
    };
    // 637.85 before the scenes, which take 125.55, 206.90 and 12.00; nobody touches the other.
    assert_eq!((balance("王建国"), balance("吴小敏")), ("293.40".to_owned(), "128.00".to_owned()));
}

#[test]
fn a_void_is_explained_as_the_negation_of_the_settlement_it_undoes() {
    let (_folder, path) = folder();
    for (lang, heading, voids, negated) in
        [("zh", "结算 ", "撤销结算 ", "取反 "), ("en", "settlement ", "voids settlement ", "negated ")]
    {
        let city = format!("{path}/{lang}");
        let played = ["demo", "--once", "--persons", "16", "--lang", lang, "--folder", &city];
        let demo = tongqu(&played).exits(0).out;
        let number = |line: &str| line.trim().strip_prefix(heading)?.parse::<i64>().ok();
        let before = demo.lines().take_while(|line| !line.contains(voids));
        let void = before.filter_map(number).last().unwrap().to_string();
        let database = format!("sqlite://{city}/centre.db");
        let explained = ["policy", "explain", &void, "--database", &database, "--lang", lang];
        let told = tongqu(&explained).exits(0).out;
        let undone = told.lines().find_map(|line| line.split_once(voids)).expect(&told).1;
        let undone = &undone[..undone.find(|c: char| !c.is_ascii_digit()).unwrap()];
        assert!(demo.contains(&format!("{voids}{undone}")), "the receipt says so too: {demo}");
        let rows = told.lines().skip(1).take_while(|line| !line.contains(voids));
        let stated: i64 = rows.map(|row| fen(row.rsplit_once(' ').unwrap().1)).sum();
        let step = |line: &str| Some(fen(line.split_once(negated)?.1.split(':').next()?));
        let added: i64 = told.lines().filter_map(step).sum();
        assert_eq!((stated, added), (-84_000, -84_000), "{told}");
    }
}

#[test]
fn an_english_demo_is_english_but_for_names_and_articles() {
    let demo = tongqu(&["demo", "--once", "--persons", "16", "--lang", "en"]).exits(0).out;
    let names = [
        "大榭医院",
        "龙赛医院",
        "庄市佩珍医院",
        "澜州市第一医院",
        "澜州市第二医院",
        "邻州市人民医院",
        "石矶骨伤医院",
        "苯磺酸氨氯地平片",
        "王建国",
        "林秀英",
        "马国梁",
        "陈志远",
        "郑克勤",
        "周海生",
        "孙福田",
        "何雨桐",
        "血常规(五分类)",
        "头部CT平扫",
        "头部 CT 平扫",
        "常规心电图检查(十二导联)",
        "动态血压监测",
        "澜州市职工基本医疗保险办法(示例 2026)",
        "澜州市城镇职工基本医疗保险暂行办法(示例)",
    ];
    let names = names.iter().fold(demo.clone(), |text, name| text.replace(name, ""));
    let han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    // An article stands in brackets, as its law has it.
    let ours = |line: &&str| line.split(" [第").next().unwrap_or_default().contains(han);
    let foreign: Vec<&str> = names.lines().filter(ours).collect();
    assert!(foreign.is_empty(), "{foreign:?}");
    for english in
        ["2601: it never arrived", "2207: [REVERSED_BEFORE_ARRIVAL] message", "大榭医院: yesterday's"]
    {
        assert!(demo.contains(english), "no {english}: {demo}");
    }
}

#[test]
fn a_bill_from_a_file_is_explained_in_either_language() {
    let zh = tongqu(&["settle", "examples/outpatient.toml"]).exits(0).out;
    assert!(zh.contains("费用总额") && zh.contains("怎样算出来的"), "{zh}");
    let en = tongqu(&["settle", "examples/outpatient.toml", "--lang", "en"]).exits(0).out;
    assert!(en.contains("pooled fund") && en.contains("How it was reckoned"), "{en}");
    tongqu(&["settle", "examples/no-such-bill.toml"]).exits(2);
}

#[test]
fn the_parts_of_a_bill_for_machines_add_up_to_the_whole() {
    let text = tongqu(&["settle", "examples/outpatient.toml", "--json"]).exits(0).out;
    let bill: Value = serde_json::from_str(&text).unwrap();
    let figures: BTreeMap<String, String> = serde_json::from_value(bill["figures"].clone()).unwrap();
    let sum = |words: &[&str]| words.iter().map(|word| fen(&figures[*word])).sum::<i64>();
    let costs = ["out_of_scope", "over_limit", "first_self_pay", "in_scope"];
    let funds = ["pooled_fund", "major_medical", "civil_servant", "critical_illness"];
    let more = ["employer", "disabled", "aid", "other", "account", "relatives", "cash", "hospital"];
    assert!(sum(&funds) > 0, "{text}");
    assert_eq!(sum(&costs), sum(&["total"]), "{text}");
    assert_eq!(sum(&funds) + sum(&more), sum(&["total"]), "{text}");
    // A step names its figure by the word a case expects it by, and the steps of a figure come to it.
    let mut added: BTreeMap<&str, i64> = figures.keys().map(|word| (word.as_str(), 0)).collect();
    for step in bill["steps"].as_array().unwrap() {
        match (step["figure"].as_str().unwrap(), step["adds"].as_str()) {
            ("note", adds) => assert_eq!(adds, None, "{step}"),
            (word, adds) => *added.get_mut(word).unwrap_or_else(|| panic!("{step}")) += fen(adds.unwrap()),
        }
    }
    let stated: BTreeMap<&str, i64> = figures.iter().map(|(word, is)| (word.as_str(), fen(is))).collect();
    assert_eq!(added, stated);
}

#[test]
fn the_policies_of_this_folder_pass_their_check_and_a_spoilt_one_does_not() {
    let ran = tongqu(&["policy", "check", "policies/"]).exits(0);
    assert_eq!(ran.last().replace(" N failed", " 0 failed"), "policies: N editions, N cases, 0 failed");
    assert!(ran.out.trim_end().ends_with(" 0 failed"), "{}", ran.out);
    let (folder, path) = folder();
    let editions = folder.path().join("editions");
    std::fs::create_dir(&editions).unwrap();
    std::fs::write(editions.join("2026-01-01.toml"), "order = 1\n").unwrap();
    let spoilt = tongqu(&["policy", "check", &path]).exits(1);
    assert!(spoilt.out.trim_end().ends_with(" 1 failed"), "{}", spoilt.out);
    tongqu(&["policy", "check", &format!("{path}/none")]).exits(2);
}

#[test]
fn problems_of_a_file_are_told_in_the_language_asked_for() {
    let (folder, path) = folder();
    let editions = folder.path().join("editions");
    std::fs::create_dir(&editions).unwrap();
    std::fs::write(editions.join("2026-01-01.toml"), "[edition]\ncity = 7\n").unwrap();
    let bill = format!("{path}/editions/2026-01-01.toml");
    for arguments in [&["policy", "check", &path][..], &["settle", &bill], &["policy", "explain", &bill]] {
        let told = |lang: &[&str]| {
            let ran = tongqu(&[arguments, lang].concat());
            ran.out + &ran.err
        };
        for zh in [told(&[]), told(&["--lang", "zh"])] {
            assert!(zh.contains("此处为 ") && !zh.contains("expected"), "{zh}");
        }
        let en = told(&["--lang", "en"]);
        assert!(en.contains(", expected ") && !en.contains("此处为"), "{en}");
    }
}

#[test]
fn an_installation_is_made_once_and_its_tools_exit_as_documented() {
    let (_folder, path) = folder();
    tongqu(&["init", "--folder", &path]).exits(0);
    tongqu(&["init", "--folder", &path]).exits(2);
    tongqu(&["verify", "--database", &format!("sqlite://{path}/centre.db")]).exits(0);
    tongqu(&["verify", "--database", "postgres://elsewhere"]).exits(2);
    let config = format!("{path}/tongqu.toml");
    // The folder of policies named in a fresh configuration is still to be filled, and so are the institutions.
    let doctor = tongqu(&["doctor", "--config", &config]).exits(1);
    assert!(doctor.out.contains("✗ 政策 policies"), "{}", doctor.out);
    assert!(doctor.last().starts_with("doctor: N "), "{}", doctor.out);
    let missing = tongqu(&["doctor", "--config", &format!("{path}/none.toml")]).exits(1);
    assert!(missing.out.contains("tongqu init"), "{}", missing.out);
    tongqu(&["centre", "--config", &format!("{path}/none.toml")]).exits(2);
}

#[test]
fn a_new_installation_says_what_is_still_to_be_done() {
    let (_folder, path) = folder();
    let config = format!("{path}/tongqu.toml");
    let made = tongqu(&["init", "--folder", &path]).exits(0).out;
    assert!(made.contains("把 policies 设为本市政策文件夹 set `policies`"), "{made}");
    assert!(
        made.contains(&format!("tongqu doctor --config {config}; tongqu centre --config {config}")),
        "{made}"
    );
    let missing = tongqu(&["doctor", "--config", &config]).exits(1).out;
    assert!(missing.contains("set `policies` to your city's folder 没有该文件"), "{missing}");
    let centre = tongqu(&["centre", "--config", &config]).exits(2).err;
    assert!(centre.contains("set `policies` to your city's folder 没有该文件"), "{centre}");
    // With policies it still lacks institutions: that alone is left, and it is not fine.
    let policies = root().join("policies/demo-city").display().to_string();
    let arguments = ["doctor", "--config", &config, "--policies", &policies, "--listen", "127.0.0.1:0"];
    let doctor = tongqu(&arguments).exits(1).out;
    assert!(doctor.contains("✓ 政策 policies"), "{doctor}");
    assert!(doctor.contains("✗ 数据库 database: 没有定点机构,中心将拒绝全部报文"), "{doctor}");
    assert!(
        doctor.contains("refuses every message") && doctor.contains("tongqu hospital import"),
        "{doctor}"
    );
}

#[test]
fn flags_that_nobody_knows_exit_with_two() {
    for arguments in
        [&["demo", "--nonsense"][..], &["settle"], &["settle", "x", "--lang", "de"], &["no-such"]]
    {
        let ran = tongqu(arguments).exits(2);
        assert!(ran.out.is_empty() && !ran.err.is_empty(), "{arguments:?}: {}", ran.out);
    }
}
