//! One bill from request to balanced books.

use testkit::{Item, TestCentre};

#[test]
fn the_checked_bill_of_the_ui_settles_to_the_fen() {
    let centre = TestCentre::start(40);
    let program = centre.program("大榭医院");
    let person = centre.sample.person("王建国").number.clone();
    let code = |name: &str| {
        centre
            .sample
            .catalogue
            .items()
            .iter()
            .find(|i| i.name == name)
            .expect("an item of this name")
            .code
            .clone()
    };
    // The year's first bill uses 125.55 of the deductible, out of the account.
    program.settle(&person, &[Item::one(&code("血常规(五分类)"), "125.55")], "125.55").1.done();
    let amlodipine = Item {
        quantity: "2".into(),
        amount: "37.20".into(),
        ..Item::one(&code("苯磺酸氨氯地平片"), "18.60")
    };
    let bill = [
        amlodipine,
        Item::one(&code("感冒解毒颗粒"), "22.50"),
        Item::one(&code("血常规(五分类)"), "20"),
        Item::one(&code("常规心电图检查(十二导联)"), "32.0"),
        Item::one(&code("头部CT平扫"), "120.00"),
    ];
    let (visit, said) = program.settle(&person, &bill, "231.70");
    let got = |field: &str| said.get("setlinfo", field);
    for (field, amount) in [
        ("medfee_sumamt", "231.70"),
        ("preselfpay_amt", "26.25"),
        ("inscp_scp_amt", "205.45"),
        ("act_pay_dedc", "174.45"),
        ("hifp_pay", "24.80"),
        ("acct_pay", "206.90"),
        ("psn_cash_pay", "0.00"),
        ("balc", "305.40"),
    ] {
        assert_eq!(got(field), amount, "{field}");
    }
    assert_eq!(got("mdtrt_id"), visit);
    let report = centre.assert_clean();
    assert_eq!((report.settlements, report.reversals), (2, 0));
}
