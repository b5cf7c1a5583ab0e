//! Every transaction of the national table is asked once as it should be, and then once for each field it must have, without
//! that field.

mod pair;

use std::collections::BTreeMap;

use jiff::civil::datetime;
use serde_json::{Value, json};
use testkit::{Item, Program, Said, TestCentre, filled};
use wire::{FieldType, NodeSpec, Transaction};

/// Lists of which this walk meets no row, each for a reason.
const EMPTY: [(&str, &str); 2] = [
    // The sample city's catalogue lists no drugs of ethnic groups.
    ("1304", "data"),
    // Nobody's staff is registered by a transaction.
    ("5102", "feedetail"),
];

/// National transactions that are not among the table's 79.
const BESIDE: [&str; 21] = [
    "3260", "3261", "3262", "3402", "3403", "3501", "3502", "3503", "3504", "3505", "3506", "3507", "4102",
    "4201", "4202", "4203", "4204", "4205", "4401", "4402", "5304",
];

/// Ours, beside the national ones.
const OURS: [&str; 3] = ["explain", "outcome", "rest"];

struct Walk {
    centre: TestCentre,
    program: Program,
    person: String,
    /// Required fields that were left out, by transaction.
    asked: BTreeMap<&'static str, usize>,
    pairs: pair::Pairs,
}

/// The first row under a name, wherever it stands.
fn row_mut<'v>(value: &'v mut Value, name: &str) -> Option<&'v mut Value> {
    match value {
        Value::Object(members) => {
            if members.contains_key(name) {
                let found = members.get_mut(name)?;
                return if found.is_array() { found.get_mut(0) } else { Some(found) };
            }
            members.values_mut().find_map(|member| row_mut(member, name))
        }
        Value::Array(rows) => rows.iter_mut().find_map(|row| row_mut(row, name)),
        _ => None,
    }
}

impl Walk {
    fn new() -> Self {
        let centre = TestCentre::start(60);
        let program = centre.program("大榭医院");
        let person = centre.sample.person("孙福田").number.clone();
        Self { centre, program, person, asked: BTreeMap::new(), pairs: pair::Pairs::default() }
    }

    /// Asks as one should, checks the answer, and asks again without each field that must be there.
    fn ask(&mut self, infno: &str, input: &Value) -> Said {
        let program = self.program.clone();
        self.ask_as(&program, infno, input)
    }

    fn ask_as(&mut self, program: &Program, infno: &str, input: &Value) -> Said {
        let transaction = wire::transaction(infno).expect("a transaction");
        let missing = transaction.input.iter().map(|node| without(program, transaction, node, input)).sum();
        let said = program.say(infno, input).done();
        check_members(transaction, &said);
        self.asked.insert(transaction.infno, missing);
        self.pairs.add(transaction, input, &said);
        said
    }

    fn data(&self, fields: &[(&str, &str)]) -> Value {
        let mut data = json!({"psn_no": self.person});
        fields.iter().for_each(|(name, text)| data[*name] = (*text).into());
        json!({ "data": data })
    }
}

/// Asks without each field of a node that must be there; how many there are.
fn without(program: &Program, transaction: &Transaction, node: &NodeSpec, input: &Value) -> usize {
    let mut count = 0;
    for field in node.fields.iter().filter(|field| field.required) {
        let mut less = input.clone();
        let Some(row) = row_mut(&mut less, node.name) else { continue };
        assert!(row.get(field.name).is_some(), "{}: a good request has {}", transaction.infno, field.name);
        let members = row.as_object_mut().expect("a row");
        members.remove(field.name);
        // A row that says nothing is none.
        members.insert("something_else".into(), "1".into());
        let said = program.say(transaction.infno, &less);
        said.refused("FIELD_MISSING");
        assert!(said.text.contains(&format!("({})", field.name)), "{}: {}", field.name, said.text);
        assert!(said.text.contains(field.label), "{}: {}", field.label, said.text);
        count += 1;
    }
    count
}

/// Every documented member stands in every row of the answer; but for those of one province, which stand where they say
/// something.
fn check_members(transaction: &Transaction, said: &Said) {
    let answer: Value = serde_json::from_str(&said.text).expect("an answer");
    let output = &answer["output"];
    for node in &transaction.output {
        let nested: Vec<&Value> = transaction
            .output
            .iter()
            .filter(|other| other.fields.iter().any(|f| f.kind == FieldType::Rows && f.name == node.name))
            .filter_map(|other| output[other.name].as_array())
            .flatten()
            .map(|row| &row[node.name])
            .collect();
        let top = if node.name == "output" { output } else { &output[node.name] };
        let lists: Vec<&Value> = if nested.is_empty() { vec![top] } else { nested };
        let rows: Vec<&Value> = lists
            .iter()
            .flat_map(|list| list.as_array().map_or(vec![*list], |rows| rows.iter().collect()))
            .collect();
        let allowed = EMPTY.contains(&(transaction.infno, node.name));
        assert_eq!(rows.is_empty(), allowed, "{}: rows of {}: {}", transaction.infno, node.name, said.text);
        for (row, field) in rows.iter().flat_map(|row| node.fields.iter().map(move |field| (row, field))) {
            let there = row.get(field.name).is_some();
            assert!(there || field.local, "{}: no {}.{}: {row}", transaction.infno, node.name, field.name);
        }
    }
}

#[test]
fn every_transaction_is_answered() {
    let mut walk = Walk::new();
    let signed = json!({"signIn": {"opter_no": "0103", "mac": "00-0C", "ip": "10.0.0.1"}});
    walk.ask("9001", &signed);
    catalogues(&mut walk);
    outpatient(&mut walk);
    pharmacy(&mut walk);
    stay(&mut walk);
    filings(&mut walk);
    registrations(&mut walk);
    kept(&mut walk);
    files_and_months(&mut walk);
    away_from_home(&mut walk);
    let number = walk.program.say("9001", &signed).done().get("signinoutb", "sign_no");
    walk.ask("9002", &json!({"signOut": {"sign_no": number, "opter_no": "0103"}}));
    walk.centre.assert_clean();
    is_written(&walk.pairs.page());

    let described = |t: &&Transaction| !t.input.is_empty() || !t.output.is_empty();
    let known: Vec<&Transaction> = wire::transactions_known().collect();
    let national =
        known.iter().filter(|t| described(t) && !BESIDE.contains(&t.infno) && !OURS.contains(&t.infno));
    let unanswered: Vec<&str> =
        national.clone().map(|t| t.infno).filter(|infno| !walk.asked.contains_key(infno)).collect();
    assert_eq!(unanswered, [""; 0], "of the table's transactions");
    println!("{} of {}", national.clone().count() - unanswered.len(), national.count());
    let offered = |t: &&&Transaction| walk.asked.contains_key(t.infno);
    let stored = known.iter().filter(offered).filter(|t| wire::transactions::is_only_kept(t.infno)).count();
    let refused = known.iter().filter(|t| !OURS.contains(&t.infno) && !walk.asked.contains_key(t.infno));
    for transaction in refused.clone() {
        walk.program.say(transaction.infno, &json!({})).refused("INFNO_NOT_OFFERED");
    }
    let (full, refused) = (walk.asked.len() - stored, refused.count());
    println!("answered in full {full}, stored {stored}, known but not offered {refused}");
    println!("fields left out, each with its own error: {}", walk.asked.values().sum::<usize>());
}

/// The page of samples is what was just said; `UPDATE=1` writes it anew. Other backends give other numbers.
fn is_written(page: &str) {
    if std::env::var_os("TONGQU_TEST_POSTGRES").is_some() {
        return;
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/vendor/samples.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(file, page).expect("a page");
    }
    let written = std::fs::read_to_string(file).unwrap_or_default();
    let differs = page.lines().zip(written.lines()).find(|(now, then)| now != then);
    assert!(page == written, "stale: UPDATE=1 cargo nextest run -p testkit writes it anew; {differs:?}");
}

fn catalogues(walk: &mut Walk) {
    let enrolled = walk.centre.sample.person("孙福田").clone();
    let card = json!({"data": {"mdtrt_cert_type": "02", "mdtrt_cert_no": enrolled.document, "card_sn": "",
        "begntime": "", "psn_cert_type": "01", "certno": enrolled.document, "psn_name": enrolled.name}});
    walk.ask("1101", &card);
    let code = walk.program.hospital().code.clone();
    walk.ask("1201", &json!({"medinsinfo": {"fixmedins_type": "1", "fixmedins_code": code}}));
    for infno in [
        "1301", "1302", "1303", "1305", "1306", "1307", "1308", "1309", "1310", "1311", "1313", "1314",
        "1315", "1320",
    ] {
        walk.ask(infno, &json!({"data": {"ver": "0"}}));
    }
    for infno in ["1304", "1312", "1316", "1318", "1319"] {
        walk.ask(infno, &json!({"data": {"updt_time": "2000-01-01", "page_num": 1, "page_size": 10}}));
    }
    walk.ask(
        "1901",
        &json!({"data": {"type": "insutype", "parentValue": "", "admdvs": "990100",
        "date": "2026-11-23", "vali_flag": "1"}}),
    );
    let asked =
        [("insutype", "310"), ("fixmedins_code", &*code), ("med_type", "11"), ("begntime", "2026-11-23")];
    let asked = walk.data(&asked);
    walk.ask("2001", &asked);
}

fn outpatient(walk: &mut Walk) {
    let (program, person) = (walk.program.clone(), walk.person.clone());
    let test = Item::one(walk.centre.item("血常规(五分类)"), "20.00");
    let msgid = program.msgid();
    let register = json!({"data": {
        "psn_no": person, "insutype": "310", "begntime": "2026-11-23 08:00:00", "mdtrt_cert_type": "02",
        "mdtrt_cert_no": "x", "ipt_otp_no": &msgid[12..], "atddr_no": "D1", "dr_name": "王医生", "dept_code": "0301",
        "dept_name": "内科门诊", "caty": "A03",
    }});
    let visit = walk.ask("2201", &register).get("data", "mdtrt_id");
    let mut said = program.visit_request(&person, &visit);
    walk.ask("2203", &said);
    said["mdtrtinfo"]["dise_codg"] = "M03900".into();
    said["mdtrtinfo"]["med_type"] = "1401".into();
    walk.ask("2203A", &said);
    let drug = Item::one(walk.centre.item("苯磺酸氨氯地平片"), "18.60");
    let mut fees = program.fees(&person, &visit, "1", &[test.clone(), drug]);
    fees["feedetail"][0]["drugtracinfo"] = json!([{"drug_trac_codg": "81000000000000000009"}]);
    walk.ask("2204", &fees);
    let asked = walk.data(&[("begntime", "2026-11-01 00:00:00"), ("endtime", "2026-11-30 00:00:00")]);
    walk.ask("5205", &asked);
    let womb = walk.centre.item("子宫附件超声检查").to_owned();
    let mut audit = filled("3101", &["data"]);
    for (node, field, text) in [
        ("patient_dtos", "patn_id", &*person),
        ("patient_dtos", "curr_mdtrt_id", &*visit),
        ("fsi_encounter_dtos", "mdtrt_id", &*visit),
        ("fsi_encounter_dtos", "med_type", "11"),
        ("fsi_diagnose_dtos", "dise_codg", "I10"),
        ("fsi_order_dtos", "hilist_code", &*womb),
        ("fsi_order_dtos", "curr_drord_flag", "1"),
    ] {
        row_mut(&mut audit, node).expect("a row")[field] = text.into();
    }
    row_mut(&mut audit, "fsi_encounter_dtos").unwrap()["fsi_operation_dtos"] =
        filled("3101", &["fsi_operation_dtos"])["fsi_operation_dtos"].clone();
    walk.ask("3101", &audit);
    walk.ask("3102", &audit);
    let mut bill = program.bill(&person, &visit, "1", "38.60");
    bill["data"]["med_type"] = "1401".into();
    walk.ask("2206", &bill);
    let settlement = walk.ask("2207", &bill).get("setlinfo", "setl_id");
    let named = walk.data(&[("mdtrt_id", &visit), ("setl_id", &settlement)]);
    walk.ask("5203", &named);
    walk.ask("5204", &named);
    walk.ask("5202", &named);
    walk.ask("5206", &named);
    let visits = walk.data(&[
        ("begntime", "2026-11-01 00:00:00"),
        ("endtime", "2026-11-30 00:00:00"),
        ("med_type", "1401"),
    ]);
    walk.ask("5201", &visits);
    let explained = walk.data(&[("setl_id", &settlement)]);
    walk.ask("explain", &explained);
    let mut rest = walk.data(&[
        ("mdtrt_id", &visit),
        ("setl_id", &settlement),
        ("medfee_sumamt", "18.60"),
        ("acct_used_flag", "1"),
    ]);
    let kept = fees["feedetail"][1]["feedetl_sn"].clone();
    rest["feedetail"] = json!([{"feedetl_sn": kept, "cnt": "1", "det_item_fee_sumamt": "18.60"}]);
    walk.ask("rest", &rest);
    walk.ask("2208", &named);
    let batch = walk.data(&[("mdtrt_id", &visit), ("chrg_bchno", "1")]);
    walk.ask("2205", &batch);
    let cancel = walk.data(&[("mdtrt_id", &visit), ("ipt_otp_no", &msgid[12..])]);
    walk.ask("2202", &cancel);
    let original = walk.data(&[("omsgid", "NEVER-SENT"), ("oinfno", "2207")]);
    walk.ask("2601", &original);
    let asked = json!({"data": {"omsgid": "NEVER-SENT", "oinfno": "2207"}});
    program.say("outcome", &asked).done();
}

fn pharmacy(walk: &mut Walk) {
    let name = walk.centre.sample.hospitals.iter().find(|h| h.kind == "pharmacy").unwrap().name.clone();
    let program = walk.centre.program(&name);
    let item = walk.centre.item("注射用兰索拉唑").to_owned();
    let purchase = json!({
        "druginfo": {"psn_no": walk.person, "mdtrt_cert_type": "02", "begntime": "2026-11-23 08:00:00",
            "medfee_sumamt": "40.00", "insutype": "310", "acct_used_flag": "1", "med_type": "41"},
        "drugdetail": [{"feedetl_sn": "1", "rx_circ_flag": "0", "fee_ocur_time": "2026-11-23 08:00:00",
            "med_list_codg": item, "medins_list_codg": "Y1", "det_item_fee_sumamt": "40.00", "cnt": "2",
            "pric": "20.00", "drugtracinfo": [{"drug_trac_codg": "81000000000000000010"}]}],
    });
    walk.ask_as(&program, "2101", &purchase);
    let settlement = walk.ask_as(&program, "2102", &purchase).get("setlinfo", "setl_id");
    walk.ask_as(&program, "2103", &json!({"data": {"setl_id": settlement}}));
}

fn stay(walk: &mut Walk) {
    let (program, person) = (walk.program.clone(), walk.person.clone());
    let at = |day| datetime(2026, 11, day, 9, 0, 0, 0);
    let stay = walk.ask("2401", &program.admit_request(&person, "ZY-1", at(10))).get("result", "mdtrt_id");
    let inpatients = json!({"data": {"begntime": "2026-11-01", "endtime": "2026-11-23"}});
    walk.ask("5303", &inpatients);
    let change = json!({"adminfo": {"mdtrt_id": stay, "psn_no": person, "adm_bed": "13"}});
    walk.ask("2403", &change);
    let mut fees =
        program.fees(&person, &stay, "1", &[Item::one(walk.centre.item("椎管内麻醉(2小时内)"), "3000")]);
    fees["feedetail"][0]["med_type"] = "21".into();
    fees["feedetail"][0]["fee_ocur_time"] = "2026-11-11 09:00:00".into();
    fees["feedetail"][0]["drugtracinfo"] = json!([{"drug_trac_codg": "81000000000000000011"}]);
    walk.ask("2301", &fees);
    let line = json!({"data": [{"feedetl_sn": "1-0", "mdtrt_id": stay, "psn_no": person}]});
    walk.ask("2302", &line);
    program.say("2301", &fees).done();
    let discharge = json!({
        "dscginfo": {"mdtrt_id": stay, "psn_no": person, "insutype": "310", "endtime": "2026-11-20 09:00:00",
            "dscg_dept_codg": "0301", "dscg_dept_name": "内科", "dscg_way": "1"},
        "diseinfo": [{"psn_no": person, "mdtrt_id": stay, "diag_type": "1", "maindiag_flag": "1", "diag_srt_no": 1,
            "diag_code": "J18.9", "diag_name": "肺炎", "diag_dept": "0301", "dise_dor_no": "D1",
            "dise_dor_name": "王医生", "diag_time": "2026-11-20 09:00:00"}],
    });
    walk.ask("2402", &discharge);
    let named = walk.data(&[("mdtrt_id", &stay)]);
    walk.ask("2405", &named);
    program.say("2402", &discharge).done();
    let bill = program.stay_bill(&person, &stay, "3000.00");
    walk.ask("2303", &bill);
    let settled = walk.ask("2304", &bill);
    settlement_lists(walk, &stay, &settled);
    let settlement = settled.get("setlinfo", "setl_id");
    let void = walk.data(&[("mdtrt_id", &stay), ("setl_id", &settlement)]);
    walk.ask("2305", &void);
    program.say("2405", &named).done();
    program.say("2302", &line).done();
    walk.ask("2404", &named);
}

fn settlement_lists(walk: &mut Walk, stay: &str, settled: &Said) {
    let figure = |field: &str| settled.get("setlinfo", field);
    for infno in ["4101", "4101A"] {
        let nodes: Vec<&str> = wire::transaction(infno).unwrap().input.iter().map(|node| node.name).collect();
        let mut list = filled(infno, &nodes);
        for (field, text) in [
            ("psn_no", walk.person.clone()),
            ("mdtrt_id", stay.to_owned()),
            ("setl_id", figure("setl_id")),
            ("acct_pay", figure("acct_pay")),
            ("psn_cashpay", figure("psn_cash_pay")),
        ] {
            list["setlinfo"][field] = text.into();
        }
        list["diseinfo"][0]["maindiag_flag"] = "1".into();
        if infno == "4101" {
            list["iteminfo"][0]["amt"] = "3000.00".into();
            list["payinfo"] = json!([
                {"fund_pay_type": "310100", "fund_payamt": figure("fund_pay_sumamt")},
                {"fund_pay_type": "310200", "fund_payamt": figure("acct_pay")},
            ]);
        }
        walk.ask(infno, &list);
    }
}

fn filings(walk: &mut Walk) {
    let hospital = walk.program.hospital().clone();
    let filed = |said: Said| said.get("result", "trt_dcla_detl_sn");
    let referral = json!({"refmedin": {
        "psn_no": walk.person, "diag_code": "I10", "diag_name": "高血压", "reflin_medins_no": "H99020000001",
        "reflin_medins_name": "邻州市人民医院", "mdtrtarea_admdvs": "990200", "refl_type": "1",
        "refl_date": "2026-11-20", "refl_rea": "本地无条件", "refl_opnn": "同意",
    }});
    let disease = walk.data(&[
        ("insutype", "310"),
        ("opsp_dise_code", "M03900"),
        ("opsp_dise_name", "高血压"),
        ("insu_optins", "990100"),
        ("ide_fixmedins_no", &hospital.code),
        ("ide_fixmedins_name", &hospital.name),
        ("hosp_ide_date", "2026-10-01"),
        ("diag_dr_codg", "D1"),
        ("diag_dr_name", "示例医师"),
        ("begndate", "2026-10-01"),
    ]);
    let chosen = walk.data(&[
        ("biz_appy_type", "03"),
        ("begndate", "2026-11-01"),
        ("fix_srt_no", "1"),
        ("fixmedins_code", &hospital.code),
        ("fixmedins_name", &hospital.name),
    ]);
    for (file, ask, withdraw, input) in [
        ("2501", "5304", "2502", referral),
        ("2503", "5301", "2504", disease),
        ("2505", "5302", "2506", chosen),
    ] {
        let number = filed(walk.ask(file, &input));
        let data = walk.data(&[]);
        walk.ask(ask, &data);
        let data = walk.data(&[("trt_dcla_detl_sn", &number), ("memo", "误录")]);
        walk.ask(withdraw, &data);
    }
}

fn registrations(walk: &mut Walk) {
    let test = walk.centre.item("血常规(五分类)").to_owned();
    let code = walk.program.hospital().code.clone();
    let mapping = json!({"data": [{
        "fixmedins_hilist_id": "YP9", "fixmedins_hilist_name": "院内项目", "list_type": "201", "med_list_codg": test,
        "begndate": "2026-01-01", "enddate": "2026-12-31", "aprvno": "无",
    }]});
    walk.ask("3301", &mapping);
    walk.ask("1317", &json!({"data": {"updt_time": "2000-01-01", "page_num": 1, "page_size": 10}}));
    walk.ask(
        "3302",
        &json!({"data": {"fixmedins_code": code, "list_type": "201", "med_list_codg": test,
        "fixmedins_hilist_id": "YP9"}}),
    );
    let department = json!({"deptinfo": {"hosp_dept_codg": "N01", "hosp_dept_name": "内科", "caty": "A03"}});
    walk.ask("3401", &department);
    walk.ask("3402", &department);
    walk.ask("5101", &json!({}));
    walk.ask("3403", &json!({"data": {"hosp_dept_codg": "N01", "hosp_dept_name": "内科"}}));
    walk.ask("5102", &json!({"data": {"prac_psn_type": "1"}}));
}

/// What is only kept: every node with every field it must have.
fn kept(walk: &mut Walk) {
    for infno in BESIDE.into_iter().filter(|infno| wire::transactions::is_only_kept(infno)) {
        let nodes: Vec<&str> = wire::transaction(infno).unwrap().input.iter().map(|node| node.name).collect();
        let mut input = filled(infno, &nodes);
        // Two families of programs say one thing under two names: one of them must be there.
        if infno == "4201" {
            let row = &mut input["fsiOwnpayPatnFeeListDDTO"][0];
            (row["fixmedins_mdtrt_id"], row["bkkp_sn"]) = ("Z1".into(), "1".into());
        }
        if infno == "4204" {
            input["feedetail"][0]["bkkp_sn"] = "1".into();
        }
        walk.ask(infno, &input);
    }
}

/// A month with a person of another city, at a hospital of the neighbour's centre.
fn away_from_home(walk: &mut Walk) {
    let place = TestCentre::neighbour_of(&walk.centre);
    let program = place.program("邻州市人民医院");
    let items = [Item::one(walk.centre.item("椎管内麻醉(2小时内)"), "100.00")];
    program.settle(&walk.person, &items, "100.00");
    walk.centre.clock.set(datetime(2026, 12, 2, 9, 0, 0, 0));
    let home = std::mem::replace(&mut walk.program, place.program("邻州市人民医院"));
    let month = json!({"trt_year": "2026", "trt_month": "11", "totalrow": "1", "start_row": "1"});
    let mut row = walk.ask("3260", &json!({ "data": month })).rows("data").remove(0);
    row["cnfm_flag"] = "1".into();
    walk.ask("3261", &json!({"data": month, "detail": [row]}));
    walk.ask("3262", &json!({ "data": month }));
    walk.program = home;
    place.assert_clean();
}

fn files_and_months(walk: &mut Walk) {
    let code = walk.program.hospital().code.clone();
    let content: Vec<u8> = b"P1\t11\t12\tM1\t0\t20.00\t15.00\t5\r\n".to_vec();
    let upload = json!({"fsUploadIn": {"in": content, "filename": "rows.txt", "fixmedins_code": code}});
    let file = walk.ask("9101", &upload).get("output", "file_qury_no");
    let fetch =
        json!({"fsDownloadIn": {"file_qury_no": file, "filename": "rows.zip", "fixmedins_code": code}});
    let transaction = wire::transaction("9102").unwrap();
    let count = without(&walk.program, transaction, &transaction.input[0], &fetch);
    walk.program.fetch(&file).expect("a file");
    walk.asked.insert("9102", count);
    let totals = json!({"data": {
        "insutype": "310", "clr_type": "11", "setl_optins": "990100", "stmt_begndate": "2026-11-22",
        "stmt_enddate": "2026-11-22", "medfee_sumamt": "0", "fund_pay_sumamt": "0", "acct_pay": "0",
        "fixmedins_setl_cnt": "0",
    }});
    walk.ask("3201", &totals);
    let mut details = totals;
    details["data"]["file_qury_no"] = file.into();
    details["data"]["cash_payamt"] = "0".into();
    walk.ask("3202", &details);
    let month = json!({"data": {"clr_type": "11", "clr_way": "10", "setlym": "202610"}});
    let application = walk.ask("3203", &month).get("result", "clr_appy_evt_id");
    walk.ask("3204", &json!({"data": {"clr_appy_evt_id": application}}));
}

/// What the steps of an explanation add, by the figure they add to, in trillionths of a yuan.
fn added(said: &Said) -> BTreeMap<String, i128> {
    let answer: Value = serde_json::from_str(&said.text).expect("an answer");
    let mut sums = BTreeMap::new();
    for step in answer["output"]["explanation"].as_array().expect("steps") {
        let amount: money::Exact = step["amount"].to_string().parse().expect("an amount");
        *sums.entry(step["figure_en"].as_str().expect("a figure").to_owned()).or_default() += amount.units();
    }
    sums
}

#[test]
fn a_settlement_is_explained_to_its_own_hospital_alone() {
    let centre = TestCentre::start(60);
    let (program, other) = (centre.program("大榭医院"), centre.program("龙赛医院"));
    let person = centre.sample.person("孙福田").number.clone();
    let visit = program.charge(&person, &[Item::one(centre.item("血常规(五分类)"), "20.00")]);
    let bill = program.say("2207", &program.bill(&person, &visit, "1", "20.00")).done();
    let settlement = bill.get("setlinfo", "setl_id");
    let asked = |person: &str, settlement: &str| json!({"data": {"psn_no": person, "setl_id": settlement}});

    let said = program.say("explain", &asked(&person, &settlement)).done();
    assert_eq!(said.get("result", "setl_id"), settlement);
    assert_eq!(
        (said.get("result", "edition"), said.get("result", "medfee_sumamt")),
        ("2026-01-01".into(), "20.00".into())
    );
    let yuan = |text: &str| text.parse::<money::Money>().expect("an amount").exact().units();
    let sums = added(&said);
    for (figure, member) in [
        ("total", "medfee_sumamt"),
        ("in scope", "inscp_scp_amt"),
        ("cash", "psn_cash_pay"),
        ("pooled fund", "hifp_pay"),
        ("personal account", "acct_pay"),
    ] {
        let told = sums.get(figure).copied().unwrap_or_default();
        assert_eq!(told, yuan(&bill.get("setlinfo", member)), "{figure}: {}", said.text);
    }
    assert!(said.text.contains("澜州市职工基本医疗保险办法(示例 2026) 第"), "{}", said.text);

    other.say("explain", &asked(&person, &settlement)).refused("SETTLEMENT_UNKNOWN");
    other.say("explain", &asked(&person, "1")).refused("SETTLEMENT_UNKNOWN");
    let stranger = centre.sample.persons[30].enrolment.number.clone();
    program.say("explain", &asked(&stranger, &settlement)).refused("PERSON_MISMATCH");

    let void = json!({"data": {"psn_no": person, "mdtrt_id": visit, "setl_id": settlement}});
    let voided = program.say("2208", &void).done().get("setlinfo", "setl_id");
    let said = program.say("explain", &asked(&person, &voided)).done();
    assert_eq!(said.get("result", "undoes"), settlement);
    let negated = sums.into_iter().map(|(figure, units)| (figure, -units)).collect::<BTreeMap<_, _>>();
    assert_eq!(added(&said), negated);
    centre.assert_clean();
}
