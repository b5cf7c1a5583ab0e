//! The scenes: each says what happens, sends it over HTTP, and shows the receipt.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use jiff::ToSpan;
use jiff::civil::{DateTime, date};
use model::{Clock, Enrolment, SettlementId, SystemClock};
use road::{Capabilities, Family, HttpRoad, HttpSettings, NoReply, Reply};
use serde_json::Value;
use store::CentreStore;
use wire::Answer;

use super::Demo;
use super::bodies::{self, Charge, Vendor};
use crate::Lang;

/// How a vendor writes its envelope.
#[derive(Clone, Copy)]
enum Style {
    Indented,
    Hub,
    Compact,
}

/// A window of a hospital: its vendor's program on its road.
struct Window<'d> {
    demo: &'d Demo,
    vendor: Vendor<'d>,
    road: HttpRoad,
    style: Style,
    serial: std::cell::Cell<u32>,
}

/// What came over the line.
struct Heard {
    answer: Answer,
    replayed: bool,
}

impl Heard {
    fn get(&self, node: &str, field: &str) -> anyhow::Result<String> {
        let text = String::from_utf8_lossy(&self.answer.text);
        self.answer.output(node, field).with_context(|| format!("no {node}.{field} in {text}"))
    }
}

impl<'d> Window<'d> {
    fn open(demo: &'d Demo, hospital: &str, style: Style) -> anyhow::Result<Self> {
        let hospital = demo.city.hospital(hospital);
        let settings = HttpSettings {
            address: demo.address.clone(),
            key: hospital.key.clone(),
            secret: hospital.secret.clone(),
            family: if matches!(style, Style::Compact) { Family::Api } else { Family::Tif },
            timeout: Duration::from_mins(1),
            capabilities: Capabilities::default(),
        };
        let road = HttpRoad::new(settings, std::sync::Arc::new(SystemClock));
        let vendor = Vendor { hospital, sign_no: String::new() };
        let mut window = Self { demo, vendor, road, style, serial: std::cell::Cell::new(1) };
        let signed = window.say("9001", &bodies::sign_in())?;
        window.vendor.sign_no = signed.get("signinoutb", "sign_no")?;
        Ok(window)
    }

    fn now(&self) -> DateTime {
        self.demo.clock.now()
    }

    fn msgid(&self) -> String {
        self.serial.set(self.serial.get() + 1);
        self.vendor.msgid(self.now(), self.serial.get())
    }

    fn body(&self, infno: &str, msgid: &str, input: &Value) -> String {
        match self.style {
            Style::Indented => self.vendor.indented(infno, msgid, self.now(), input),
            Style::Hub => self.vendor.hub(infno, msgid, input),
            Style::Compact => self.vendor.compact(infno, msgid, self.now(), input),
        }
    }

    /// Sends and takes what comes, refusals too.
    fn send(&self, infno: &str, body: &str) -> anyhow::Result<Heard> {
        match self.road.send_body(infno, body.as_bytes()) {
            Ok(Reply::Done(given) | Reply::Refused(given)) => {
                Ok(Heard { answer: given.answer, replayed: given.replayed })
            }
            Ok(Reply::Held(ticket)) => bail!("{infno} is held as {}", ticket.0),
            Err(NoReply::NotProcessed(problem)) => bail!("{infno}: {problem}"),
            Err(NoReply::Unknown(doubt)) => bail!("{infno}: {doubt}"),
        }
    }

    /// Sends what must be done.
    fn say(&self, infno: &str, input: &Value) -> anyhow::Result<Heard> {
        let heard = self.send(infno, &self.body(infno, &self.msgid(), input))?;
        match heard.answer.error() {
            None => Ok(heard),
            Some(error) => bail!("{infno}: {error}"),
        }
    }

    /// 1101, 2201, 2203, 2204: a visit with its lines, in a batch named `1`.
    fn charge(&self, person: &Enrolment, begins: DateTime, charges: &[Charge]) -> anyhow::Result<String> {
        let found = self.say("1101", &bodies::get_person(&person.document, &person.name))?;
        let number = found.get("baseinfo", "psn_no")?;
        let visit_number = self.msgid()[12..].to_owned();
        let visit =
            self.say("2201", &bodies::register(&number, &visit_number, begins))?.get("data", "mdtrt_id")?;
        self.say("2203", &bodies::visit(&number, &visit, begins))?;
        self.say("2204", &bodies::fees(&number, &visit, "1", begins, charges))?;
        Ok(visit)
    }

    /// A whole bill from card to receipt; answers visit, message id, body and what 2207 said.
    fn settle(
        &self,
        person: &Enrolment,
        begins: DateTime,
        charges: &[Charge],
        total: &str,
    ) -> anyhow::Result<(String, String, Heard)> {
        let visit = self.charge(person, begins, charges)?;
        let input = bodies::bill(&person.number, &visit, "1", total);
        let trial = self.say("2206", &input)?;
        let body = self.body("2207", &self.msgid(), &input);
        let heard = self.send("2207", &body)?;
        ensure!(heard.answer.error().is_none(), "{:?}", heard.answer.error());
        ensure!(
            trial.get("setlinfo", "acct_pay")? == heard.get("setlinfo", "acct_pay")?,
            "trial and settlement differ"
        );
        Ok((visit, body, heard))
    }
}

impl Window<'_> {
    /// 1101, 2401, 2301, 2402, 2303, 2304: a whole stay.
    fn stay(
        &self,
        person: &Enrolment,
        (begins, ends): (DateTime, DateTime),
        charges: &[Charge],
        total: &str,
    ) -> anyhow::Result<Heard> {
        let found = self.say("1101", &bodies::get_person(&person.document, &person.name))?;
        let number = found.get("baseinfo", "psn_no")?;
        let visit_number = self.msgid()[12..].to_owned();
        let admitted = self.say("2401", &bodies::admit(&number, &visit_number, begins))?;
        let stay = admitted.get("result", "mdtrt_id")?;
        self.say("2301", &bodies::stay_fees(&number, &stay, begins, charges))?;
        self.say("2402", &bodies::discharge(&number, &stay, ends))?;
        let bill = bodies::stay_bill(&number, &stay, total);
        let trial = self.say("2303", &bill)?;
        let heard = self.say("2304", &bill)?;
        ensure!(
            trial.get("setlinfo", "hifp_pay")? == heard.get("setlinfo", "hifp_pay")?,
            "trial and settlement differ"
        );
        Ok(heard)
    }
}

/// Plays all scenes.
pub(crate) fn play(demo: &Demo) -> anyhow::Result<()> {
    let daxie = Window::open(demo, "大榭医院", Style::Indented)?;
    let longsai = Window::open(demo, "龙赛医院", Style::Indented)?;
    let second = Window::open(demo, "澜州市第二医院", Style::Hub)?;
    let clinic = Window::open(demo, "庄市佩珍医院", Style::Compact)?;
    let first = Window::open(demo, "澜州市第一医院", Style::Indented)?;
    let bones = Window::open(demo, "石矶骨伤医院", Style::Indented)?;
    let neighbour = Window::open(demo, "邻州市人民医院", Style::Indented)?;
    demo.tell("七家医院签到", "seven hospitals sign in");
    demo.the_checked_bill(&daxie)?;
    demo.pool_stopped(&clinic)?;
    demo.text_for_a_hub(&second)?;
    demo.reply_lost(&longsai)?;
    demo.taken_back_before_it_came(&longsai)?;
    demo.pack_sold_twice(&daxie, &bones)?;
    demo.old_bills(&first)?;
    demo.unfiled_stay(&neighbour)?;
    demo.yesterday_voided_after_today(&daxie)
}

impl Demo {
    fn tell(&self, zh: &str, en: &str) {
        let text = if self.lang == Lang::Zh { zh } else { en };
        println!("\n{}  {text}", self.clock.now().strftime("%H:%M:%S"));
    }

    fn item(&self, name: &str) -> anyhow::Result<String> {
        let found = self.city.catalogue.items().iter().find(|i| i.name == name);
        Ok(found.with_context(|| format!("the catalogue has no {name}"))?.code.clone())
    }

    fn one(&self, name: &str, price: &'static str) -> anyhow::Result<Charge> {
        Ok(Charge { code: self.item(name)?, price, quantity: "1.0", amount: price, pack: "" })
    }

    /// The receipt of a settlement, with the steps it was reckoned by.
    fn receipt(&self, heard: &Heard) -> anyhow::Result<()> {
        let id: SettlementId = heard.get("setlinfo", "setl_id")?.parse()?;
        let row = self.store.reader()?.settlement(id)?.context("the settlement stands in the books")?;
        println!("  {} {id}", if self.lang == Lang::Zh { "结算" } else { "settlement" });
        crate::receipt::lines(&row.amounts, self.lang.into()).iter().for_each(|line| println!("  {line}"));
        let steps = crate::explanation::steps(&row, &self.editions, self.lang.into())?;
        steps.iter().for_each(|step| println!("    · {step}"));
        Ok(())
    }

    /// B1: the second bill of a year whose deductible is partly used.
    fn the_checked_bill(&self, window: &Window<'_>) -> anyhow::Result<()> {
        let person = self.city.person("王建国");
        let first = [self.one("血常规(五分类)", "125.55")?];
        let now = self.clock.now();
        window.settle(person, now, &first, "125.55")?;
        self.tell(
            "大榭医院:王建国门诊 231.70,起付线以前已付 125.55",
            "大榭医院: 王建国, outpatient 231.70; 125.55 of the deductible paid before",
        );
        let charges = [
            Charge {
                code: self.item("苯磺酸氨氯地平片")?,
                price: "18.6",
                quantity: "2.0",
                amount: "37.2",
                pack: "",
            },
            self.one("感冒解毒颗粒", "22.5")?,
            self.one("血常规(五分类)", "20.0")?,
            self.one("常规心电图检查(十二导联)", "32.0")?,
            self.one("头部CT平扫", "120.0")?,
        ];
        let (_, _, heard) = window.settle(person, now, &charges, "231.70")?;
        expect(&heard, &[("hifp_pay", "24.80"), ("acct_pay", "206.90"), ("psn_cash_pay", "0.00")])?;
        self.receipt(&heard)
    }

    /// B8.
    fn pool_stopped(&self, window: &Window<'_>) -> anyhow::Result<()> {
        self.tell(
            "庄市佩珍医院:林秀英门诊 160.00,单位欠费",
            "庄市佩珍医院: 林秀英, outpatient 160.00, employer in arrears",
        );
        let charges = [self.one("血常规(五分类)", "160")?];
        let (_, _, heard) =
            window.settle(self.city.person("林秀英"), self.clock.now(), &charges, "160.00")?;
        expect(&heard, &[("hifp_pay", "0.00"), ("acct_pay", "160.00"), ("psn_cash_pay", "0.00")])?;
        self.receipt(&heard)
    }

    /// A program that sends its input as a text and takes texts only.
    fn text_for_a_hub(&self, window: &Window<'_>) -> anyhow::Result<()> {
        self.tell(
            "澜州市第二医院:程序把 input 当作文本发送,只认文本 \"0\"",
            "澜州市第二医院: a program that sends its input as a text and takes only the text \"0\"",
        );
        let charges = [self.one("血常规(五分类)", "86.40")?];
        let (_, _, heard) = window.settle(self.city.person("赵桂兰"), self.clock.now(), &charges, "86.40")?;
        ensure!(heard.answer.text.starts_with(br#"{"infcode":"0""#), "infcode is not a text");
        self.receipt(&heard)
    }

    /// The reply is lost; the same message is sent again.
    fn reply_lost(&self, window: &Window<'_>) -> anyhow::Result<()> {
        self.tell(
            "龙赛医院:答复丢失,原报文重发,只结算一次",
            "龙赛医院: the reply is lost, the same message again, settled once",
        );
        let charges = [self.one("血常规(五分类)", "230")?];
        let (_, body, first) =
            window.settle(self.city.person("周海生"), self.clock.now(), &charges, "230")?;
        let again = window.send("2207", &body)?;
        ensure!(again.replayed && again.answer == first.answer, "the second answer is not the first again");
        self.receipt(&again)
    }

    /// A message is taken back that never came; then it comes.
    fn taken_back_before_it_came(&self, window: &Window<'_>) -> anyhow::Result<()> {
        self.tell(
            "龙赛医院:冲正一笔未到达的结算,随后它才到达,被拒绝",
            "龙赛医院: takes back a settlement that never came; when it comes it is refused",
        );
        let person = self.city.person("何雨桐");
        let visit = window.charge(person, self.clock.now(), &[self.one("血常规(五分类)", "58")?])?;
        let late = window.msgid();
        let reversed = window.say("2601", &bodies::reverse(&person.number, "2207", &late))?;
        println!("  2601: {}", warning(&reversed));
        let body = window.body("2207", &late, &bodies::bill(&person.number, &visit, "1", "58"));
        let refused = window.send("2207", &body)?;
        ensure!(
            refused.answer.error_code().as_deref() == Some("REVERSED_BEFORE_ARRIVAL"),
            "the late message was taken"
        );
        println!("  2207: {}", refused.answer.error().unwrap_or_default());
        Ok(())
    }

    /// One pack, by its trace code, is sold at two hospitals: the second is told, and the centre keeps it for an officer.
    fn pack_sold_twice(&self, here: &Window<'_>, there: &Window<'_>) -> anyhow::Result<()> {
        self.tell(
            "石矶骨伤医院:收费的药盒已在大榭医院售出,提示并留待审核",
            "石矶骨伤医院: charges a pack that 大榭医院 has sold; it is told, and kept for an officer",
        );
        let charge = || -> anyhow::Result<Charge> {
            Ok(Charge { pack: "81000000000099001234", ..self.one("苯磺酸氨氯地平片", "18.6")? })
        };
        let now = self.clock.now();
        here.settle(self.city.person("陈志远"), now, &[charge()?], "18.60")?;
        let person = self.city.person("孙福田");
        let number = there
            .say("1101", &bodies::get_person(&person.document, &person.name))?
            .get("baseinfo", "psn_no")?;
        let visit_number = there.msgid()[12..].to_owned();
        let visit =
            there.say("2201", &bodies::register(&number, &visit_number, now))?.get("data", "mdtrt_id")?;
        let untraced = bodies::fees(&number, &visit, "1", now, &[self.one("苯磺酸氨氯地平片", "18.6")?]);
        let refused = there.send("2204", &there.body("2204", &there.msgid(), &untraced))?;
        ensure!(
            refused.answer.error_code().as_deref() == Some("TRACE_CODE_REQUIRED"),
            "a drug without its code passed"
        );
        println!("  2204: {}", refused.answer.error().unwrap_or_default());
        let told = there.say("2204", &bodies::fees(&number, &visit, "1", now, &[charge()?]))?;
        ensure!(!warning(&told).is_empty(), "nobody was told of a pack sold before");
        println!("  2204: {}", warning(&told));
        Ok(())
    }

    /// A1 and A2: the archive files paper bills of 2001 late; the edition of their own day settles them.
    fn old_bills(&self, window: &Window<'_>) -> anyhow::Result<()> {
        self.tell(
            "澜州市第一医院:补录 2001 年的两次住院,按当年的政策结算",
            "澜州市第一医院: two stays of 2001 are filed late and settled under the edition of their year",
        );
        let bed = Charge {
            code: self.item("五人及以上多人间床位费")?,
            price: "35.00",
            quantity: "12",
            amount: "420.00",
            pack: "",
        };
        let charges = [
            self.one("铝碳酸镁混悬液", "650")?,
            bed,
            self.one("注射用兰索拉唑", "4000")?,
            self.one("心脏电生理检查", "1500")?,
            self.one("椎管内麻醉(2小时内)", "12080")?,
        ];
        let june = (date(2001, 6, 8).at(9, 0, 0, 0), date(2001, 6, 20).at(10, 0, 0, 0));
        let heard = window.stay(self.city.person("钱守仁"), june, &charges, "18650.00")?;
        expect(&heard, &[("hifp_pay", "13067.75"), ("acct_pay", "420.00"), ("psn_cash_pay", "5162.25")])?;
        self.receipt(&heard)?;
        let retired = self.city.person("冯桂芳");
        let stay = |amount| self.one("椎管内麻醉(2小时内)", amount);
        window.stay(retired, june, &[stay("900")?], "900.00")?;
        let autumn = (date(2001, 8, 20).at(9, 0, 0, 0), date(2001, 9, 3).at(10, 0, 0, 0));
        let heard = window.stay(retired, autumn, &[stay("8000")?], "8000.00")?;
        expect(&heard, &[("act_pay_dedc", "960.00"), ("hifp_pay", "6074.00"), ("psn_part_amt", "1926.00")])?;
        self.receipt(&heard)
    }

    /// B4.
    fn unfiled_stay(&self, window: &Window<'_>) -> anyhow::Result<()> {
        self.tell(
            "邻州市人民医院:马国梁未备案住院 20,000.00",
            "邻州市人民医院: 马国梁, an unfiled stay of 20,000.00 in the neighbour city",
        );
        let charges = [self.one("椎管内麻醉(2小时内)", "20000")?];
        let days = (self.clock.now().saturating_sub(8.days()), self.clock.now());
        let heard = window.stay(self.city.person("马国梁"), days, &charges, "20000.00")?;
        expect(
            &heard,
            &[("preselfpay_amt", "4000.00"), ("act_pay_dedc", "1500.00"), ("hifp_pay", "12325.00")],
        )?;
        self.receipt(&heard)
    }

    /// Yesterday's bill is voided after today's.
    fn yesterday_voided_after_today(&self, window: &Window<'_>) -> anyhow::Result<()> {
        self.tell(
            "大榭医院:今天结算之后,撤销昨天的账单",
            "大榭医院: yesterday's bill is voided after today's",
        );
        let person = self.city.person("马国栋");
        let charge = || self.one("血常规(五分类)", "210");
        let (yesterday_visit, _, yesterday) =
            window.settle(person, self.clock.now(), &[charge()?], "210.00")?;
        self.clock.set(self.clock.now().saturating_add(1.day()));
        window.settle(person, self.clock.now(), &[charge()?], "210.00")?;
        let id = yesterday.get("setlinfo", "setl_id")?;
        let void = window.say("2208", &bodies::void(&person.number, &yesterday_visit, &id))?;
        expect(&void, &[("medfee_sumamt", "-210.00")])?;
        self.receipt(&void)
    }
}

fn warning(heard: &Heard) -> String {
    let parsed = heard.answer.parsed();
    let text = parsed.as_ref().and_then(|node| node.get("warn_msg")?.as_str().map(str::to_owned));
    text.unwrap_or_default()
}

/// The figures a scene was written for.
fn expect(heard: &Heard, figures: &[(&str, &str)]) -> anyhow::Result<()> {
    for (field, amount) in figures {
        let came = heard.get("setlinfo", field)?;
        ensure!(came == *amount, "{field} is {came}, not {amount}");
    }
    Ok(())
}
