//! Every way hospital programs write a request, for every transaction that moves money: all of them are understood as what
//! they mean. `cargo xtask conformance-samples` runs this and shows what it prints.

use std::cell::Cell;

use jiff::civil::{DateTime, datetime};
use serde_json::{Map, Value, json};
use testkit::{Item, Program, TestCentre};
use wire::Message;

struct Scene {
    centre: TestCentre,
    hospital: Program,
    pharmacy: Program,
    next: Cell<usize>,
}

const STAY: (DateTime, DateTime) = (datetime(2026, 11, 10, 9, 0, 0, 0), datetime(2026, 11, 20, 10, 0, 0, 0));
/// Persons with situations of their own are left out.
const ORDINARY: usize = 100;

impl Scene {
    fn new() -> Self {
        let centre = TestCentre::start(ORDINARY + 200);
        let pharmacy = centre.sample.hospitals.iter().find(|h| h.kind == "pharmacy").unwrap().name.clone();
        let (hospital, pharmacy) = (centre.program("大榭医院"), centre.program(&pharmacy));
        Self { centre, hospital, pharmacy, next: Cell::new(ORDINARY) }
    }

    /// Somebody who has not been seen before.
    fn person(&self) -> String {
        let at = self.next.replace(self.next.get() + 1);
        self.centre.sample.persons[at].enrolment.number.clone()
    }

    fn bought(&self, person: &str) -> Value {
        let time = "2026-11-23 08:00:00";
        json!({
            "druginfo": {
                "psn_no": person, "mdtrt_cert_type": "02", "begntime": time, "medfee_sumamt": "20.00",
                "insutype": "310", "acct_used_flag": "1", "med_type": "41",
            },
            "drugdetail": [{
                "feedetl_sn": "1", "rx_circ_flag": "0", "fee_ocur_time": time, "cnt": "1", "pric": "20.00",
                "med_list_codg": self.centre.item("注射用兰索拉唑"), "medins_list_codg": "Y1",
                "det_item_fee_sumamt": "20.00",
            }],
        })
    }

    /// A request of a transaction that can be done, and who sends it.
    fn request(&self, infno: &str) -> (&Program, Value) {
        let (person, program) = (self.person(), &self.hospital);
        let items = [Item::one(self.centre.item("血常规(五分类)"), "20.00")];
        let of_stay = || program.settle_stay(&person, STAY, &items, "20.00");
        let settled = |said: &testkit::Said| said.get("setlinfo", "setl_id");
        let (program, input) = match infno {
            "2102" => (&self.pharmacy, self.bought(&person)),
            "2103" => {
                let said = self.pharmacy.say("2102", &self.bought(&person)).done();
                (&self.pharmacy, json!({"data": {"psn_no": person, "setl_id": settled(&said)}}))
            }
            "2207" => {
                let visit = program.charge(&person, &items);
                (program, program.bill(&person, &visit, "1", "20.00"))
            }
            "2208" => {
                let (visit, said) = program.settle(&person, &items, "20.00");
                (program, json!({"data": {"psn_no": person, "mdtrt_id": visit, "setl_id": settled(&said)}}))
            }
            "2304" => {
                let stay = program.admit(&person, STAY.0).done().get("result", "mdtrt_id");
                program.stay_fees(&person, &stay, STAY.0, &items).done();
                program.discharge(&person, &stay, STAY.1).done();
                (program, program.stay_bill(&person, &stay, "20.00"))
            }
            "2305" => {
                let (stay, said) = of_stay();
                (program, json!({"data": {"psn_no": person, "mdtrt_id": stay, "setl_id": settled(&said)}}))
            }
            _ => {
                let visit = program.charge(&person, &items);
                let msgid = program.msgid();
                program.say_as("2207", &msgid, &program.bill(&person, &visit, "1", "20.00")).done();
                (program, json!({"data": {"psn_no": person, "omsgid": msgid, "oinfno": "2207"}}))
            }
        };
        (program, program.request(infno, &program.msgid(), &input))
    }
}

/// What a way of writing makes of a request; none where it is none of this transaction's.
type Write = fn(Value) -> Option<String>;

fn text(request: &Value) -> Option<String> {
    Some(request.to_string())
}

/// The members of the input's only node.
fn only_node(request: &Value) -> Option<(String, Value)> {
    let nodes = request["input"].as_object()?;
    let (name, node) = nodes.iter().next().filter(|_| nodes.len() == 1)?;
    Some((name.clone(), node.clone()))
}

fn without(mut request: Value, names: &[&str]) -> Value {
    let members = request.as_object_mut().expect("an envelope");
    names.iter().for_each(|name| drop(members.remove(*name)));
    request
}

fn each_field(request: &mut Value, change: &dyn Fn(&mut Map<String, Value>)) {
    for node in request["input"].as_object_mut().expect("nodes").values_mut() {
        match node {
            Value::Array(rows) => rows.iter_mut().filter_map(Value::as_object_mut).for_each(change),
            Value::Object(row) => change(row),
            _ => {}
        }
    }
}

/// Ways of writing, and whether the content is the very same to a reader: what nobody knows is kept and is part of it.
const WAYS: [(&str, bool, Write); 17] = [
    ("as documented 按文档", true, |request| text(&request)),
    ("indented with CRLF 缩进换行", true, |request| {
        Some(serde_json::to_string_pretty(&request).ok()?.replace('\n', "\r\n"))
    }),
    ("through a hub: medins_code, and little else 平台式信封", true, |request| {
        let mut request =
            without(request, &["infver", "inf_time", "opter", "opter_name", "opter_type", "sign_no"]);
        let code = request["fixmedins_code"].take();
        request["medins_code"] = code;
        request["insur_code"] = "990100".into();
        text(&without(request, &["fixmedins_code", "fixmedins_name"]))
    }),
    ("input as a text 输入为文本", true, |mut request| {
        let inner = request["input"].to_string();
        request["input"] = inner.into();
        text(&request)
    }),
    ("fields without their node 无节点", true, |mut request| {
        let (_, node) = only_node(&request)?;
        request["input"] = node;
        text(&request)
    }),
    ("mdtrtinfo for data 节点别名", true, |mut request| {
        let (name, node) = only_node(&request)?;
        let alias = matches!(request["infno"].as_str(), Some("2207" | "2208" | "2304" | "2305"));
        if name != "data" || !alias {
            return None;
        }
        request["input"] = json!({ "mdtrtinfo": node });
        text(&request)
    }),
    ("names in capitals 大写字段名", true, |mut request| {
        each_field(&mut request, &|row| {
            *row = std::mem::take(row).into_iter().map(|(name, v)| (name.to_uppercase(), v)).collect();
        });
        text(&request)
    }),
    ("members in another order 字段倒序", true, |request| {
        let members = request.as_object().expect("an envelope").iter().rev();
        let written: Vec<String> = members.map(|(name, value)| format!("{}:{value}", json!(name))).collect();
        Some(format!("{{{}}}", written.join(",")))
    }),
    ("null for what is not given 空值 null", true, |mut request| {
        each_field(&mut request, &|row| drop(row.insert("exp_content".into(), Value::Null)));
        text(&request)
    }),
    ("nothing for what is not given 空文本", true, |mut request| {
        each_field(&mut request, &|row| drop(row.insert("exp_content".into(), "".into())));
        text(&request)
    }),
    ("numbers as texts 金额为文本", true, |mut request| {
        each_field(&mut request, &|row| {
            row.values_mut().filter(|v| v.is_number()).for_each(|v| *v = v.to_string().into());
        });
        text(&request)
    }),
    ("texts as numbers 金额为数字", true, |mut request| {
        let amounts = ["medfee_sumamt", "cnt", "pric", "det_item_fee_sumamt"];
        each_field(&mut request, &|row| {
            let amounts = row.iter_mut().filter(|(name, _)| amounts.contains(&name.as_str()));
            amounts.for_each(|(_, v)| {
                *v = serde_json::from_str(v.as_str().unwrap_or("20.00")).expect("a number");
            });
        });
        text(&request)
    }),
    ("times with a T 日期带 T", true, |mut request| {
        each_field(&mut request, &|row| {
            let times = row.iter_mut().filter(|(name, _)| name.ends_with("time"));
            times.for_each(|(_, v)| *v = v.as_str().unwrap_or_default().replace(' ', "T").into());
        });
        text(&request)
    }),
    ("another receiving system 其他接收方", true, |mut request| {
        request["recer_sys_code"] = "MBS_LOCAL".into();
        request["infver"] = "1.0.0".into();
        text(&request)
    }),
    ("a byte order mark in front 带 BOM", true, |request| Some(format!("\u{feff}{request}"))),
    ("members nobody knows, in the envelope 信封多余字段", true, |mut request| {
        for name in ["recer_admdvs", "fixmedins_soft_fcty", "departname", "serv_code", "serv_sign", "url"] {
            request[name] = "x".into();
        }
        text(&request)
    }),
    ("members nobody knows, in the input 输入多余字段", false, |mut request| {
        each_field(&mut request, &|row| {
            row.insert("expContent".into(), "x".into());
            row.insert("OutPatientId".into(), "x".into());
        });
        text(&request)
    }),
];

fn digest(body: &str) -> wire::Digest {
    Message::read(body.as_bytes().into(), None).expect("a message").digest
}

#[test]
fn every_way_of_writing_a_request_that_moves_money_is_understood() {
    let scene = Scene::new();
    let money = wire::transactions_known().filter(|t| t.class == wire::Class::Money);
    let mut ways_of_all = 0;
    for transaction in money {
        let mut ways = 0;
        for (way, same, write) in WAYS {
            let (program, request) = scene.request(transaction.infno);
            let Some(body) = write(request.clone()) else { continue };
            if same {
                assert_eq!(
                    digest(&body),
                    digest(&request.to_string()),
                    "{} {way}: {body}",
                    transaction.infno
                );
            }
            let said = program.say_body(&body);
            assert_eq!(said.code, None, "{} {way}: {}\n{body}", transaction.infno, said.text);
            ways += 1;
        }
        println!("{} {}: {ways} of {ways} ways understood 均可识别", transaction.infno, transaction.zh);
        assert!(ways >= 15, "{} has {ways}", transaction.infno);
        ways_of_all += ways;
    }
    println!("{ways_of_all} requests, all understood 全部识别");
    scene.centre.assert_clean();
}
