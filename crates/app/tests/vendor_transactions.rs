//! The reference of all transactions for vendors is what the table of the interface says: `UPDATE=1` writes it anew.

mod common;

use std::fmt::Write as _;

use wire::{Class, Field, FieldType, Language, NodeSpec, Transaction, transactions_known};

/// What the page says in one language.
struct Words {
    language: Language,
    file: &'static str,
    head: &'static str,
    classes: [&'static str; 4],
    kinds: [&'static str; 6],
    undone: &'static str,
    reversed: &'static str,
    least: &'static str,
    nothing: &'static str,
    columns: &'static str,
    sides: [&'static str; 2],
    rows: &'static str,
    must: &'static str,
    local: &'static str,
    echo: &'static str,
    list: &'static str,
    pair: &'static str,
    cycles: &'static str,
    back: &'static str,
}

/// What follows what: a name in either language, and its transactions.
const CYCLES: [(&str, &str, &[&str]); 6] = [
    ("门诊", "outpatient", &["1101", "2001", "2201", "2203", "2204", "2206", "2207"]),
    ("住院", "a stay", &["1101", "2001", "2401", "2403", "2301", "2402", "2303", "2304", "4101"]),
    ("药店购药", "a purchase at a pharmacy", &["1101", "2101", "2102"]),
    ("转院备案", "a referral", &["2501"]),
    ("门诊慢特病备案", "a listed disease", &["2503"]),
    ("定点备案", "an institution of choice", &["2505"]),
];

const ZH: Words = Words {
    language: Language::Zh,
    file: "transactions.md",
    head: "# 交易与字段\n\n[English](transactions.en.md) · [接入手册](README.md)\n\n由接口表生成,与中心读报文所用的是同一张表。机器可读的同一内容在 `GET /api/openapi.json`。\
           标「必填」的缺少即拒绝(`FIELD_MISSING`);「地方」的只有个别地方使用;「核对」的由中心自己计算,只在机构的配置词要求时与上传值核对。\n",
    classes: [
        "查询:不改变任何内容",
        "上传:同样内容可以重发",
        "业务:同一报文号只办一次",
        "资金:同一报文号只办一次,结果未知时原样重发",
    ],
    kinds: ["文本", "数字", "日期", "日期时间", "文件", "行"],
    undone: "由 {} 撤销",
    reversed: "结果未知时可用 2601 冲正",
    least: "至少发送",
    nothing: "没有必填字段",
    columns: "| 字段 | 名称 | 类型 | 长度 | | 字典 |\n|---|---|---|---|---|---|",
    sides: ["输入", "输出"],
    rows: "多行",
    must: "必填",
    local: "地方",
    echo: "核对",
    list: "全部交易",
    pair: "[示例](samples.md#{})",
    cycles: "业务顺序",
    back: "撤销从最后一步倒着做",
};

const EN: Words = Words {
    language: Language::En,
    file: "transactions.en.md",
    head: "# Transactions and fields\n\n[中文](transactions.md) · [manual](README.en.md)\n\nMade from the table by which the centre itself reads messages. The same for machines is `GET /api/openapi.json`. A message \
           without a field that is *required* is refused (`FIELD_MISSING`); *local* ones are used in some places only; what is *compared* the centre \
           reckons itself, and looks at what was sent only where the institution's profile asks for it.\n",
    classes: [
        "A query: it changes nothing",
        "An upload: the same content may come again",
        "An act: done once under one id",
        "It moves money: done once under one id; where the outcome is unknown, send it again as it is",
    ],
    kinds: ["text", "number", "day", "moment", "file", "rows"],
    undone: "undone by {}",
    reversed: "2601 may take it back where the outcome is unknown",
    least: "Send at least",
    nothing: "no field is required",
    columns: "| field | label | type | length | | dictionary |\n|---|---|---|---|---|---|",
    sides: ["Input", "Output"],
    rows: "rows",
    must: "required",
    local: "local",
    echo: "compared",
    list: "All transactions",
    pair: "[A sample pair](samples.md#{})",
    cycles: "What follows what",
    back: "undone from the last step back",
};

impl Words {
    fn page(&self) -> String {
        let mut page = String::from(self.head);
        let _ = writeln!(page, "\n## {}\n", self.list);
        for transaction in transactions_known() {
            let _ = writeln!(
                page,
                "* [{} {}](#{})",
                transaction.infno,
                self.name(transaction),
                anchor(transaction)
            );
        }
        self.cycles(&mut page);
        transactions_known().for_each(|transaction| self.transaction(&mut page, transaction));
        page
    }

    /// What follows what, and by which transactions it is undone.
    fn cycles(&self, page: &mut String) {
        let _ = writeln!(page, "\n## {}\n", self.cycles);
        let linked = |infno: &&str| {
            let transaction = wire::transaction(infno).expect("a transaction");
            format!("[{infno} {}](#{})", self.name(transaction), anchor(transaction))
        };
        for (zh, en, steps) in CYCLES {
            let name = if self.language == Language::Zh { zh } else { en };
            let forward: Vec<String> = steps.iter().map(linked).collect();
            let undone = steps.iter().rev().filter_map(|infno| wire::transaction(infno)?.undo);
            let back: Vec<String> = undone.map(|infno| linked(&infno)).collect();
            let _ = writeln!(
                page,
                "* **{name}** {}  \n  {}: {}",
                forward.join(" → "),
                self.back,
                back.join(" → ")
            );
        }
    }

    fn name(&self, transaction: &Transaction) -> &'static str {
        if self.language == Language::Zh { transaction.zh } else { transaction.en }
    }

    fn transaction(&self, page: &mut String, transaction: &Transaction) {
        let class = match transaction.class {
            Class::Query => self.classes[0],
            Class::Upload => self.classes[1],
            Class::Act => self.classes[2],
            Class::Money => self.classes[3],
        };
        let undone = transaction.undo.map(|infno| self.undone.replace("{}", infno));
        let reversed = transaction.reversible.then(|| self.reversed.to_owned());
        let told: Vec<String> = [Some(class.to_owned()), undone, reversed].into_iter().flatten().collect();
        let (mark, stop) = if self.language == Language::Zh { (";", "。") } else { ("; ", ".") };
        let _ = writeln!(
            page,
            "\n## <a id=\"{}\"></a>{} {}\n\n{}{stop}",
            anchor(transaction),
            transaction.infno,
            self.name(transaction),
            told.join(mark)
        );
        let required = |node: &NodeSpec| {
            let fields = node.fields.iter().filter(|field| field.required);
            let of = |field: &Field| format!("`{}.{}`", node.name, field.name);
            fields.map(of).collect::<Vec<_>>()
        };
        let least: Vec<String> = transaction.input.iter().flat_map(required).collect();
        let least = if least.is_empty() { self.nothing.to_owned() } else { least.join(" ") };
        let _ = writeln!(page, "\n**{}** {least}", self.least);
        let sample = format!("s{}", transaction.infno.to_lowercase());
        if SAMPLES.contains(&format!("id=\"{sample}\"")) {
            let _ = writeln!(page, "\n{}", self.pair.replace("{}", &sample));
        }
        for (side, nodes) in self.sides.iter().zip([&transaction.input, &transaction.output]) {
            nodes.iter().filter(|node| !node.fields.is_empty()).for_each(|node| self.node(page, side, node));
        }
    }

    fn node(&self, page: &mut String, side: &str, node: &NodeSpec) {
        let many = if node.many { format!(" ({})", self.rows) } else { String::new() };
        let _ = writeln!(page, "\n{side} `{}`{many}\n\n{}", node.name, self.columns);
        for field in &node.fields {
            let kind = match field.kind {
                FieldType::String => self.kinds[0],
                FieldType::Number => self.kinds[1],
                FieldType::Date => self.kinds[2],
                FieldType::DateTime => self.kinds[3],
                FieldType::Bytes => self.kinds[4],
                FieldType::Rows => self.kinds[5],
            };
            let length = match (field.length, field.places) {
                (Some(length), Some(places)) => format!("{length},{places}"),
                (Some(length), None) => length.to_string(),
                (None, _) => String::new(),
            };
            let marks = [(field.required, self.must), (field.local, self.local), (field.echo, self.echo)];
            let marks: Vec<&str> = marks.into_iter().filter(|(is, _)| *is).map(|(_, mark)| mark).collect();
            let dictionary = field.dictionary.map(|name| format!("`{name}`")).unwrap_or_default();
            let label = if self.language == Language::Zh { field.label } else { field.label_en };
            let (name, marks) = (field.name, marks.join(" "));
            let _ = writeln!(page, "| `{name}` | {label} | {kind} | {length} | {marks} | {dictionary} |");
        }
    }
}

const SAMPLES: &str = include_str!("../../../docs/vendor/samples.md");

fn anchor(transaction: &Transaction) -> String {
    format!("t{}", transaction.infno.to_lowercase())
}

#[test]
fn the_reference_of_transactions_is_the_table_of_the_interface() {
    for words in [ZH, EN] {
        common::is_written(words.file, &words.page());
    }
}
