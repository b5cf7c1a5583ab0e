//! The settlement list of a stay: its figures are those of the settlement, and it says one main diagnosis.

use jiff::civil::{DateTime, datetime};
use serde_json::{Value, json};
use testkit::{Item, Program, Said, TestCentre, filled};

struct Scene {
    centre: TestCentre,
    program: Program,
    person: String,
    stay: String,
    settled: Said,
}

const DAYS: (DateTime, DateTime) = (datetime(2026, 11, 10, 9, 0, 0, 0), datetime(2026, 11, 20, 10, 0, 0, 0));

fn scene() -> Scene {
    let centre = TestCentre::start(50);
    let program = centre.program("大榭医院");
    let person = centre.sample.person("王建国").number.clone();
    let items = [Item::one(centre.item("椎管内麻醉(2小时内)"), "3000.00")];
    let (stay, settled) = program.settle_stay(&person, DAYS, &items, "3000.00");
    Scene { centre, program, person, stay, settled }
}

impl Scene {
    fn figure(&self, field: &str) -> String {
        self.settled.get("setlinfo", field)
    }

    fn list(&self, infno: &str) -> Value {
        let mut list = filled(infno, &["setlinfo", "payinfo", "diseinfo", "iteminfo"]);
        let info = &mut list["setlinfo"];
        info["psn_no"] = self.person.as_str().into();
        info["mdtrt_id"] = self.stay.as_str().into();
        info["setl_id"] = self.figure("setl_id").into();
        info["acct_pay"] = self.figure("acct_pay").into();
        info["psn_cashpay"] = self.figure("psn_cash_pay").into();
        list["diseinfo"] = json!([
            {"diag_type": "1", "diag_code": "K35.800", "diag_name": "急性阑尾炎", "maindiag_flag": "1"},
            {"diag_type": "1", "diag_code": "I10.x00", "diag_name": "高血压", "maindiag_flag": "0"},
        ]);
        if infno == "4101" {
            list["iteminfo"][0]["amt"] = "3000.00".into();
            list["payinfo"] = json!([
                {"fund_pay_type": "310100", "fund_payamt": self.figure("fund_pay_sumamt")},
                {"fund_pay_type": "310200", "fund_payamt": self.figure("acct_pay")},
            ]);
        }
        list
    }
}

#[test]
fn a_list_is_kept_under_one_number_however_often_it_is_said() {
    let scene = scene();
    let first = scene.program.say("4101", &scene.list("4101")).done().get("output", "setl_list_id");
    let mut changed = scene.list("4101");
    changed["setlinfo"]["medcasno"] = "另一病案号".into();
    assert_eq!(scene.program.say("4101", &changed).done().get("output", "setl_list_id"), first);
    assert_eq!(scene.program.say("4101A", &scene.list("4101A")).done().get("output", "setl_list_id"), first);
    scene.centre.assert_clean();
}

#[test]
fn figures_that_are_not_the_settlements_are_refused_each_by_its_name() {
    let scene = scene();
    let check = |change: &dyn Fn(&mut Value), code: &str, told: &str| {
        let mut list = scene.list("4101");
        change(&mut list);
        let said = scene.program.say("4101", &list);
        said.refused(code);
        assert!(said.text.contains(told), "{told}: {}", said.text);
    };
    check(&|list| list["iteminfo"][0]["amt"] = "2999.99".into(), "SPLIT_MISMATCH", "医疗费总额");
    check(&|list| list["payinfo"][0]["fund_payamt"] = "1".into(), "SPLIT_MISMATCH", "基金支付");
    check(&|list| list["setlinfo"]["psn_cashpay"] = "0.01".into(), "SPLIT_MISMATCH", "个人现金支付");
    check(&|list| list["diseinfo"][1]["maindiag_flag"] = "1".into(), "FIELD_INVALID", "有且仅有一个");
    check(&|list| list["diseinfo"] = json!([]), "FIELD_INVALID", "maindiag_flag");
    check(&|list| list["iteminfo"] = json!([]), "FIELD_MISSING", "收费项目金额");
    check(&|list| list["payinfo"] = Value::Null, "FIELD_MISSING", "基金支付金额");
    let endless = |list: &mut Value| {
        let row = json!({"med_chrgitm": "01", "amt": "90000000000000000", "claa_sumfee": 1, "clab_amt": 1,
            "fulamt_ownpay_amt": 1, "oth_amt": 1});
        list["iteminfo"] = json!([row, row]);
    };
    check(&endless, "FIELD_INVALID", "amt");
    check(&|list| list["setlinfo"]["bill_no"] = Value::Null, "FIELD_MISSING", "票据号码");
    let mut another = scene.list("4101A");
    another["setlinfo"]["psn_no"] = "P".into();
    scene.program.say("4101A", &another).refused("PERSON_MISMATCH");
    check(&|list| list["setlinfo"]["mdtrt_id"] = "7".into(), "VISIT_UNKNOWN", "7");
    check(&|list| list["setlinfo"]["setl_id"] = "7".into(), "SETTLEMENT_UNKNOWN", "7");
    let elsewhere = scene.centre.program("龙赛医院");
    elsewhere.say("4101", &scene.list("4101")).refused("SETTLEMENT_UNKNOWN");
    scene.program.void_stay(&scene.person, &scene.stay, &scene.figure("setl_id")).done();
    check(&|_| {}, "ALREADY_VOIDED", "已撤销");
    let items = [Item::one(scene.centre.item("血常规(五分类)"), "20.00")];
    let (visit, settled) = scene.program.settle(&scene.person, &items, "20.00");
    let outpatient = |list: &mut Value| {
        list["setlinfo"]["mdtrt_id"] = visit.as_str().into();
        list["setlinfo"]["setl_id"] = settled.get("setlinfo", "setl_id").into();
    };
    check(&outpatient, "VISIT_WRONG_STATE", "上传结算清单");
    scene.centre.assert_clean();
}
