//! What officers do in a story.

use centre::{Hands, Order, PremiumLine, What};
use jiff::civil::Date;
use model::{Clock, PersonNumber};
use money::Money;
use serde_json::{Value, json};
use std::collections::HashMap;

use super::{Play, Step, check};

const BY: Hands<'_> = Hands { by: "甲", confirmed_by: "乙", why: "故事" };

impl Play {
    pub(super) fn officer(&mut self, step: &Step, what: &str) {
        match what {
            "change" => self.change(step),
            "premium" => self.premium(step),
            "lend" => self.lend(step),
            "restore" => self.restore(step),
            "insured" => self.insured(step),
            "reconcile" => self.reconcile(step),
            "apply" => self.apply(step),
            "confirm off-site" => self.confirm_off_site(step),
            "close month" => self.close(step),
            "permit" => self.permit(step),
            other => panic!("nobody knows how to {other}; {}", step.told()),
        }
    }

    /// A change of enrolment.
    fn change(&mut self, step: &Step) {
        let number = PersonNumber::from(&*self.person(&step.text("person")));
        let what = match step.text("to").as_str() {
            "retired" => What::Retired,
            "stopped" => What::Stopped,
            "died" => What::Died,
            other => panic!("nobody knows {other}; {}", step.told()),
        };
        let order = Order {
            number,
            insurance: None,
            what,
            day: step.day("from").expect("from which day"),
            why: "来函".into(),
        };
        let troubles =
            self.centre.people(|desk| desk.change(&[order], "甲", false).expect("the books").troubles);
        assert_eq!(troubles, [], "{}", step.told());
    }

    /// A month's premium is told: received, or not.
    fn premium(&mut self, step: &Step) {
        let line = PremiumLine {
            number: PersonNumber::from(&*self.person(&step.text("person"))),
            base: step.text("base").parse().expect("an amount"),
            pension: Money::ZERO,
            received: step.flag("received"),
            on: step.day("received_on"),
        };
        let month = step.text("month").parse().expect("a month");
        self.centre.fund(|fund| fund.credit_month(month, &[line], &mut |_| {}).expect("the books"));
    }

    /// Money of one account is given for another person's bills, or given back.
    fn lend(&mut self, step: &Step) {
        let [from, to] = ["from", "to"].map(|word| PersonNumber::from(&*self.person(&step.text(word))));
        let amount = step.text("amount").parse().expect("an amount");
        let trouble =
            self.centre.people(|desk| desk.lend([&from, &to], amount, "甲", "").expect("the books"));
        assert_eq!(trouble.map(|trouble| trouble.code.to_owned()), step.maybe("refused"), "{}", step.told());
    }

    /// What was settled while the pool was stopped is settled again: so much is owed to the person in all.
    fn restore(&mut self, step: &Step) {
        let mut reader = self.centre.reader();
        let mut sum = Money::ZERO;
        self.centre.people(|desk| {
            let mut told = |owed: centre::Owed| {
                sum += owed.owed;
                Ok(())
            };
            desk.restore(reader.as_mut(), "甲", false, &mut told).expect("the books");
        });
        assert_eq!(sum.to_string(), step.text("owed"), "{}", step.told());
    }

    /// 1101 on a day: `paid`, `paused`, or `no`.
    fn insured(&self, step: &Step) {
        let card = &self.centre.sample.person(&step.text("person")).card;
        let day = step.day("day").unwrap_or_else(|| self.centre.clock.now().date());
        let asked = json!({"data": {"mdtrt_cert_type": "03", "mdtrt_cert_no": card, "begntime": format!("{day} 08:00:00")}});
        let said = self.program(&step.text("at")).say("1101", &asked).done();
        let answer: Value = serde_json::from_str(&said.text).expect("an answer");
        let state = answer["output"]["insuinfo"][0]["psn_insu_stas"].as_str();
        let word = match state {
            Some("1") => "paid",
            Some("2") => "paused",
            _ => "no",
        };
        assert_eq!(word, step.text("is"), "{}", step.told());
    }

    /// 3201 with the sums of the bills a hospital has heard of, of one day and kind of clearing.
    fn reconcile(&self, step: &Step) {
        let (at, day, kind) = (step.text("at"), step.day("day").expect("a day"), step.text("kind"));
        let heard = self.bills.values().filter(|bill| bill.at == at).filter_map(|bill| bill.said.as_ref());
        let of_day = |said: &&testkit::Said| {
            said.get("setlinfo", "setl_time").starts_with(&day.to_string())
                && said.get("setlinfo", "clr_type") == kind
        };
        let rows: Vec<&testkit::Said> = heard.filter(of_day).collect();
        let sum = |field: &str| -> Money {
            rows.iter().map(|said| said.get("setlinfo", field).parse::<Money>().expect("an amount")).sum()
        };
        let input = json!({"data": {
            "insutype": "310", "clr_type": kind, "setl_optins": "990100", "stmt_begndate": day.to_string(),
            "stmt_enddate": day.to_string(), "medfee_sumamt": sum("medfee_sumamt").to_string(),
            "fund_pay_sumamt": sum("fund_pay_sumamt").to_string(), "acct_pay": sum("acct_pay").to_string(),
            "fixmedins_setl_cnt": rows.len(), "refd_setl_flag": "1",
        }});
        let said = self.program(&at).say("3201", &input);
        check(step, &said);
        let result = if said.get("stmtinfo", "stmt_rslt") == "0" { "equal" } else { "different" };
        assert_eq!(result, step.text("is"), "{}\n{}", step.told(), said.text);
    }

    /// 3203 of a month, with no sums of its own.
    fn apply(&self, step: &Step) {
        let month = step.text("month").replace('-', "");
        let data = json!({"clr_type": step.text("kind"), "clr_way": "10", "setlym": month});
        let said = self.program(&step.text("at")).say("3203", &json!({ "data": data }));
        check(step, &said);
    }

    /// 3260, then 3261 with every row as it was told: the other cities owe so much in all.
    fn confirm_off_site(&self, step: &Step) {
        let (program, month) = (self.program(&step.text("at")), step.text("month"));
        let (year, month) = month.split_once('-').expect("a month");
        let told =
            program.say("3260", &json!({"data": {"trt_year": year, "trt_month": month, "start_row": "1"}}));
        let rows = told.done().rows("data");
        let given_back = |row: &Value| {
            json!({"certno": row["certno"], "mdtrt_id": row["mdtrt_id"], "mdtrt_setl_time": row["mdtrt_setl_time"],
                "setl_sn": row["setl_sn"], "medfee_sumamt": row["medfee_sumamt"],
                "optins_pay_sumamt": row["optins_pay_sumamt"], "cnfm_flag": "1"})
        };
        let rows: Vec<Value> = rows.iter().map(given_back).collect();
        let data = json!({"trt_year": year, "trt_month": month, "totalrow": rows.len().to_string()});
        let said = program.say("3261", &json!({"data": data, "detail": rows}));
        check(step, &said);
        let owed = rows.iter().map(|row| {
            let paid = row["optins_pay_sumamt"].to_string();
            paid.trim_matches('"').parse::<Money>().expect("an amount")
        });
        assert_eq!(owed.sum::<Money>().to_string(), step.text("owed"), "{}", step.told());
    }

    /// A month is closed with an institution; its bank figure is told.
    fn close(&mut self, step: &Step) {
        let (at, month) = (step.text("at"), first_day(&step.text("month")));
        let unapplied = step.flag("unapplied");
        let closed = self.centre_of_mut(&at).clearing_desk(&at, |desk, row, rules| {
            desk.close(row, month, rules, &HashMap::new(), unapplied, BY).map(|_| ())
        });
        assert_eq!(closed.err().map(|error| error.to_string()), step.maybe("fails"), "{}", step.told());
        if let Some(figure) = step.maybe("pays") {
            let now = self.centre.clock.now();
            self.centre.clock.set(now.saturating_add(jiff::ToSpan::minute(1)));
            let run = format!("{month}-{}", step.number);
            let paid = self
                .centre_of_mut(&at)
                .clearing_desk(&at, |desk, row, _| desk.pay(row.id, month, &run, BY).expect("paid"));
            let sum: Money = paid.values().copied().sum();
            assert_eq!(sum.to_string(), figure, "{}", step.told());
        }
    }

    /// Two officers allow the void of a settlement of a closed month.
    fn permit(&mut self, step: &Step) {
        let (bill, month) = (self.bill(step, "of"), first_day(&step.text("month")));
        let settlement = bill.settlement().parse().expect("a number");
        self.centre_of_mut(&bill.at).clearing_desk(&bill.at, |desk, row, _| {
            desk.permit(row.id, month, settlement, BY).expect("a permit");
        });
    }
}

fn first_day(month: &str) -> Date {
    format!("{month}-01").parse().expect("a month")
}
