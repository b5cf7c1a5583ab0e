//! Doubles: what programs that reckon with them send is taken for what they mean, to the fen.

use testkit::{Item, TestCentre};

#[test]
fn a_line_of_a_program_that_reckons_with_doubles_is_taken_for_what_it_means() {
    let centre = TestCentre::start(60);
    let program = centre.program("澜州市第一医院");
    let person = centre.sample.persons[30].enrolment.number.clone();
    let visit = program.register(&person);
    program.visit(&person, &visit);
    let item = Item::one(&centre.sample.catalogue.items()[0].code, "1");
    let plain = program.fees(&person, &visit, "1", &[item]).to_string();
    let line = |number: &str, price: &str, quantity: &str, amount: &str| {
        let input = plain
            .replace(r#""feedetl_sn":"1-0""#, &format!(r#""feedetl_sn":"{number}""#))
            .replace(r#""pric":"1""#, &format!(r#""pric":{price}"#))
            .replace(r#""cnt":"1""#, &format!(r#""cnt":{quantity}"#))
            .replace(r#""det_item_fee_sumamt":"1""#, &format!(r#""det_item_fee_sumamt":{amount}"#));
        let body = program.request("2204", &program.msgid(), &serde_json::json!("INPUT")).to_string();
        program.say_body(&body.replace(r#""INPUT""#, &input))
    };
    // 10 / 3, and 4.1 × 3 as doubles have it.
    let third = line("third", "3.3333333333333335", "3", "10").done();
    assert_eq!(third.get("result", "pric"), "3.333333");
    assert_eq!(third.get("result", "det_item_fee_sumamt"), "10.00");
    let product = line("product", "4.1", "3", "12.299999999999999").done();
    assert_eq!(product.get("result", "det_item_fee_sumamt"), "12.30");
    assert_eq!(line("half", "1.005", "1", "1.005").code.as_deref(), Some("FIELD_INVALID"));
    assert_eq!(line("far", "3.3333333333333335", "3000", "10001").code.as_deref(), Some("LINE_AMOUNT"));
    program.say("2207", &program.bill(&person, &visit, "1", "22.30")).done();
    centre.assert_clean();
}
