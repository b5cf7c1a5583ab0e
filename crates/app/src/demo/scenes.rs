//! The windows' scenes: each says what happens, sends it over HTTP, and shows the receipt.

use anyhow::{Context, ensure};
use jiff::ToSpan;
use jiff::civil::date;
use model::{Clock, SettlementId};
use serde_json::json;

use super::bodies::{self, Charge};
use super::officers;
use super::window::{Heard, Style, Window};
use super::{Demo, Until};
use crate::Lang;

/// Plays all scenes, so far.
pub(crate) fn play(demo: &Demo, until: Until) -> anyhow::Result<()> {
    let daxie = Window::open(demo, "大榭医院", Style::Indented)?;
    let yesterday = demo.a_bill_of_yesterday(&daxie)?;
    demo.clock.set(demo.today.at(8, 0, 0, 0));
    let branch = Window::open(demo, "大榭医院", Style::Indented)?;
    let longsai = Window::open(demo, "龙赛医院", Style::Indented)?;
    let second = Window::open(demo, "澜州市第二医院", Style::Hub)?;
    let clinic = Window::open(demo, "庄市佩珍医院", Style::Compact)?;
    let first = Window::open(demo, "澜州市第一医院", Style::Indented)?;
    let bones = Window::open(demo, "石矶骨伤医院", Style::Indented)?;
    let neighbour = Window::open(demo, "邻州市人民医院", Style::Indented)?;
    demo.tell("七家医院签到", "seven hospitals sign in");
    demo.items_mapped(&daxie)?;
    let checked = demo.the_checked_bill(&daxie)?;
    demo.at_a_branch(&branch)?;
    demo.pool_stopped(&clinic)?;
    demo.text_for_a_hub(&second)?;
    demo.reply_lost(&longsai)?;
    demo.taken_back_before_it_came(&longsai)?;
    demo.yesterday_voided_after_today(&daxie, &yesterday)?;
    demo.pack_sold_twice(&daxie, &bones)?;
    demo.before_and_after_retirement(&first)?;
    demo.other_insurances(&first)?;
    demo.old_bills(&first)?;
    demo.stay_in_parts(&daxie, &first)?;
    demo.unfiled_stay(&neighbour)?;
    if until == Until::Noon {
        return Ok(());
    }
    let windows = [daxie, branch, longsai, second, clinic, first, bones, neighbour];
    officers::noon(demo, checked)?;
    officers::evening(demo, &windows)?;
    if until == Until::Month { officers::month(demo, &windows) } else { Ok(()) }
}

impl Demo {
    pub(crate) fn tell(&self, zh: &str, en: &str) {
        println!("\n{}  {}", self.clock.now().strftime("%m-%d %H:%M"), self.word(zh, en));
    }

    pub(crate) fn word<'w>(&self, zh: &'w str, en: &'w str) -> &'w str {
        if self.lang == Lang::Zh { zh } else { en }
    }

    pub(crate) fn item(&self, name: &str) -> anyhow::Result<String> {
        let found = self.city.catalogue.items().iter().find(|i| i.name == name);
        Ok(found.with_context(|| format!("the catalogue has no {name}"))?.code.clone())
    }

    pub(crate) fn one(&self, name: &str, price: &'static str) -> anyhow::Result<Charge> {
        Ok(Charge { code: self.item(name)?, price, quantity: "1.0", amount: price, pack: "" })
    }

    /// The receipt of a settlement, with the steps it was reckoned by.
    pub(crate) fn receipt(&self, heard: &Heard) -> anyhow::Result<()> {
        let id: SettlementId = heard.get("setlinfo", "setl_id")?.parse()?;
        let town = self.town.borrow();
        let row = town.reader()?.settlement(id)?.context("the settlement stands in the books")?;
        println!("  {} {id}", if self.lang == Lang::Zh { "结算" } else { "settlement" });
        crate::receipt::lines(&row.amounts, self.lang.into()).iter().for_each(|line| println!("  {line}"));
        let steps = crate::explanation::steps(&row, &town.editions, self.lang.into())?;
        steps.iter().for_each(|step| println!("    · {step}"));
        Ok(())
    }

    /// B1: the second bill of a year whose deductible is partly used.
    fn the_checked_bill(&self, window: &Window<'_>) -> anyhow::Result<SettlementId> {
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
        self.receipt(&heard)?;
        Ok(heard.get("setlinfo", "setl_id")?.parse()?)
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

    /// Settled the afternoon before.
    fn a_bill_of_yesterday(&self, window: &Window<'_>) -> anyhow::Result<(String, String)> {
        let charges = [self.one("血常规(五分类)", "210")?];
        let (visit, _, heard) =
            window.settle(self.city.person("马国栋"), self.clock.now(), &charges, "210.00")?;
        Ok((visit, heard.get("setlinfo", "setl_id")?))
    }

    /// Yesterday's bill is voided after today's.
    fn yesterday_voided_after_today(
        &self,
        window: &Window<'_>,
        (visit, settlement): &(String, String),
    ) -> anyhow::Result<()> {
        self.tell(
            "大榭医院:今天结算之后,撤销昨天的账单",
            "大榭医院: yesterday's bill is voided after today's",
        );
        let person = self.city.person("马国栋");
        let charges = [self.one("血常规(五分类)", "210")?];
        window.settle(person, self.clock.now(), &charges, "210.00")?;
        let void = window.say("2208", &bodies::void(&person.number, visit, settlement))?;
        expect(&void, &[("medfee_sumamt", "-210.00")])?;
        window.book(&void, &person.number, visit)?;
        self.receipt(&void)
    }

    /// 3301: three of the hospital's items, one under a name that is no such thing.
    fn items_mapped(&self, window: &Window<'_>) -> anyhow::Result<()> {
        self.tell(
            "大榭医院:上传三条目录对照和盘存",
            "大榭医院: uploads three mappings of its items, and its stock",
        );
        let row = |own: &str, name: &str, called: &str| -> anyhow::Result<serde_json::Value> {
            let list =
                self.city.catalogue.items().iter().find(|i| i.name == name).map(|i| i.list_kind.clone());
            Ok(json!({"fixmedins_hilist_id": own, "fixmedins_hilist_name": called, "list_type": list,
                "med_list_codg": self.item(name)?, "begndate": self.today.to_string(),
                "enddate": self.today.last_of_year().to_string(), "aprvno": "无", "spec": "次"}))
        };
        let rows = [
            row("F0001", "血常规(五分类)", "血常规(五分类)")?,
            row("F0002", "头部CT平扫", "头部 CT 平扫")?,
            row("F0003", "常规心电图检查(十二导联)", "动态血压监测")?,
        ];
        window.say("3301", &json!({ "data": rows }))?;
        let stock = json!({"invinfo": [{"med_list_codg": self.item("苯磺酸氨氯地平片")?, "fixmedins_hilist_id": "YP570",
            "fixmedins_hilist_name": "苯磺酸氨氯地平片", "fixmedins_bchno": "B2611", "inv_cnt": "1200",
            "invdate": self.today.to_string()}]});
        window.say("3501", &stock)?;
        Ok(())
    }

    /// The same patient an hour later, at a branch: one account, one deductible.
    fn at_a_branch(&self, window: &Window<'_>) -> anyhow::Result<()> {
        self.tell(
            "大榭医院的院区:同一病人再次就诊 60.00,起付线已满",
            "大榭医院, a branch: the same patient again, 60.00; the deductible is used up",
        );
        let charges = [self.one("血常规(五分类)", "60")?];
        let (_, _, heard) = window.settle(self.city.person("王建国"), self.clock.now(), &charges, "60.00")?;
        expect(&heard, &[("act_pay_dedc", "0.00"), ("hifp_pay", "48.00")])?;
        self.receipt(&heard)
    }

    /// Two statuses in one year.
    fn before_and_after_retirement(&self, window: &Window<'_>) -> anyhow::Result<()> {
        self.tell(
            "澜州市第一医院:陈志远 5 月(在职)的账单后补,今天(退休)再就诊",
            "澜州市第一医院: 陈志远, a bill of May, when he worked, is filed late; and one of today, retired",
        );
        let person = self.city.person("陈志远");
        let charges = || -> anyhow::Result<_> { Ok([self.one("血常规(五分类)", "900")?]) };
        let may = date(2026, 5, 20).at(9, 0, 0, 0);
        let (_, _, working) = window.settle(person, may, &charges()?, "900.00")?;
        self.receipt(&working)?;
        let (_, _, retired) = window.settle(person, self.clock.now(), &charges()?, "900.00")?;
        let status = |heard: &Heard| heard.get("setlinfo", "psn_type");
        ensure!(status(&working)? != status(&retired)?, "retirement changed nothing");
        self.receipt(&retired)
    }

    /// People whom other funds pay for as well.
    fn other_insurances(&self, window: &Window<'_>) -> anyhow::Result<()> {
        self.tell(
            "澜州市第一医院:离休郑克勤、集团职工周海生(企业补充)、低保孙福田住院",
            "澜州市第一医院: stays of 郑克勤 (retired cadre), 周海生 (employer's supplement), 孙福田 (low income)",
        );
        let days = (self.clock.now().saturating_sub(9.days()), self.clock.now().saturating_sub(1.day()));
        for (name, price, total) in
            [("郑克勤", "3000", "3000.00"), ("周海生", "12000", "12000.00"), ("孙福田", "60000", "60000.00")]
        {
            let charges = [self.one("椎管内麻醉(2小时内)", price)?];
            let heard = window.stay(self.city.person(name), days, &charges, total)?;
            println!("  {name}");
            self.receipt(&heard)?;
        }
        Ok(())
    }

    /// Settled in mid-stay, called back after its discharge, and sent up to a higher level.
    fn stay_in_parts(&self, here: &Window<'_>, above: &Window<'_>) -> anyhow::Result<()> {
        self.tell(
            "大榭医院:何雨桐住院,中途结算,出院后召回补记,再结算,转上级医院",
            "大榭医院: 何雨桐 stays; settled in mid-stay, called back after discharge, settled again, sent up",
        );
        let (person, now) = (self.city.person("何雨桐"), self.clock.now());
        let begins = now.saturating_sub(7.days());
        let charge = |price| -> anyhow::Result<_> { Ok([self.one("椎管内麻醉(2小时内)", price)?]) };
        let number = &person.number;
        let stay = here.admit(person, begins)?;
        here.say("2301", &bodies::stay_fees(number, &stay, "A", begins, &charge("2000")?))?;
        let part = here.settle_stay(person, &stay, begins, "2000.00", true)?;
        self.receipt(&part)?;
        here.say(
            "2301",
            &bodies::stay_fees(number, &stay, "B", now.saturating_sub(2.days()), &charge("1500")?),
        )?;
        let leaves = now.saturating_sub(1.hour());
        here.say("2402", &bodies::discharge(number, &stay, leaves))?;
        here.say("2405", &json!({"data": {"mdtrt_id": stay, "psn_no": number}}))?;
        here.say(
            "2301",
            &bodies::stay_fees(number, &stay, "C", now.saturating_sub(1.day()), &charge("300")?),
        )?;
        here.say("2402", &bodies::discharge(number, &stay, leaves))?;
        let rest = here.settle_stay(person, &stay, begins, "1800.00", false)?;
        self.receipt(&rest)?;
        let to = above.vendor.hospital;
        here.say(
            "2501",
            &json!({"refmedin": {
                "psn_no": number, "insutype": "310", "diag_code": "J18.900", "diag_name": "肺炎",
                "insu_optins": "990100", "dise_cond_dscr": "加重", "reflin_medins_no": to.code,
                "reflin_medins_name": to.name, "mdtrtarea_admdvs": to.division, "refl_type": "1",
                "refl_date": self.today.to_string(), "refl_rea": "转上级医院", "refl_opnn": "同意",
            }}),
        )?;
        let heard =
            above.stay(person, (now.saturating_sub(30.minutes()), now), &charge("8000")?, "8000.00")?;
        self.receipt(&heard)
    }
}

pub(crate) fn warning(heard: &Heard) -> String {
    let parsed = heard.answer.parsed();
    let text = parsed.as_ref().and_then(|node| node.get("warn_msg")?.as_str().map(str::to_owned));
    text.unwrap_or_default()
}

/// The figures a scene was written for.
pub(crate) fn expect(heard: &Heard, figures: &[(&str, &str)]) -> anyhow::Result<()> {
    for (field, amount) in figures {
        let came = heard.get("setlinfo", field)?;
        ensure!(came == *amount, "{field} is {came}, not {amount}");
    }
    Ok(())
}
