//! The one executable: a centre, its tools, and a whole sample city to look at.

mod audit;
mod books;
mod backups;
mod city;
mod clearing;
mod clock;
mod comparison;
mod config;
mod demo;
mod desks;
mod doctor;
mod explanation;
mod export;
mod fund;
mod init;
mod invite;
mod mapping;
mod messages;
mod migrate;
mod notices;
mod hospitals;
mod peers;
mod people;
mod policy_tools;
mod receipt;
mod rehearsal;
mod restore;
mod role;
mod readers;
mod run;
mod send;
mod settle;
mod stores;
mod table;
mod uploads;
mod verify;
mod workstation;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

/// Messages are taken in by one thread and let go by another: this allocator gives memory back across threads cheaply.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Tongqu 通衢: one vocabulary of transactions, five roads to the centre.
#[derive(Parser)]
#[command(version, about = "通衢 Tongqu: one vocabulary of transactions, five roads to the centre")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write a configuration, keys and an empty database 生成配置、密钥和空库
    Init {
        /// Folder to write into
        #[arg(long, default_value = ".")]
        folder: PathBuf,
    },
    /// Run a centre 运行中心
    Centre(config::ConfigArguments),
    /// A whole sample city on this machine 本机演示整座城市
    Demo(demo::DemoArguments),
    /// Settle one bill from a file, explained 结算一份账单文件并说明
    Settle {
        /// The file
        file: PathBuf,
        /// For machines
        #[arg(long)]
        json: bool,
        /// Language of steps and problems
        #[arg(long, value_enum, default_value_t = Lang::Zh)]
        lang: Lang,
        /// Folder of the city's policies; the sample city's where left out
        #[arg(long)]
        policies: Option<PathBuf>,
    },
    /// Check and explain policies 检查和说明政策
    #[command(subcommand)]
    Policy(policy_tools::PolicyCommand),
    /// Credits of personal accounts: a month, a year's end, an inheritance 个人账户划账
    #[command(subcommand)]
    Fund(fund::FundCommand),
    /// Institutions: designate, list, give keys 机构登记与密钥
    #[command(subcommand)]
    Hospital(hospitals::HospitalCommand),
    /// People and employers: enrol, change, merge, restore, reimburse 参保、变更、合并、补付、零星报销
    #[command(subcommand)]
    People(people::PeopleCommand),
    /// Clear months with institutions: close, show, pay, set right 月度清算与拨付
    #[command(subcommand)]
    Clearing(clearing::ClearingCommand),
    /// Institutions' items mapped to the catalogue: list, pass, send back 目录对照审核
    #[command(subcommand)]
    Mapping(mapping::MappingCommand),
    /// What institutions upload and the centre only keeps 只留存的上传:进销存、自费病人、病案首页等
    #[command(subcommand)]
    Uploads(uploads::UploadsCommand),
    /// What met a rule of audit, and what becomes of it 审核案件:说明、申诉、扣款
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// What the centre tells the hospitals it serves: publish, list, withdraw 公告
    #[command(subcommand)]
    Notice(notices::NoticeCommand),
    /// Check every invariant of the books, reading only 核查账目的全部不变量
    Verify {
        /// The database, such as `sqlite://centre.db`
        #[arg(long)]
        database: String,
        /// Folder of the city's policies; the sample city's where left out
        #[arg(long)]
        policies: Option<PathBuf>,
        /// The auditor's key file: checks the marks of all days, not of today alone
        #[arg(long)]
        auditor_key: Option<PathBuf>,
    },
    /// A hospital's desk at this workstation, or an invitation to one the centre serves 医院前台:本机工作站,或发开通码
    Desk(Box<invite::DeskArguments>),
    /// A hospital's papers as CSV files with a description 把本院单据导出为 CSV,附说明
    Export(export::ExportArguments),
    /// Logins of hospitals on the centre's database server 机构在数据库服务器上的登录角色
    #[command(subcommand)]
    Role(role::RoleCommand),
    /// Send one message from a file over the centre's database 经中心数据库发送一份报文
    Send(send::SendArguments),
    /// The last messages of a key, as they were understood 查看某密钥最近的报文及读法
    Messages(messages::MessagesArguments),
    /// What is wrong with this installation, in words 诊断本机安装
    Doctor(config::ConfigArguments),
    /// Save all books into a sealed folder, also while a centre runs 备份账本,中心可照常运行
    Backup(backups::BackupArguments),
    /// Bring a backup back into a place where nothing is yet; it opens only once it is checked 从备份恢复,核对后才可启用
    Restore(restore::RestoreArguments),
    /// Restore a backup into a fresh place, check it, compare it, and put that on record 恢复演练
    Drill(restore::DrillArguments),
    /// Move a centre's books, messages and all, to another database 迁移到另一数据库
    Migrate(migrate::MigrateArguments),
}

/// Language of what is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Lang {
    /// 中文
    Zh,
    /// English
    En,
}

impl From<Lang> for policy::Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::Zh => Self::Zh,
            Lang::En => Self::En,
        }
    }
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("TONGQU_LOG").unwrap_or_else(|_| "warn".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    match carry_out(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("tongqu: {:#}", city::in_both(error));
            ExitCode::from(2)
        }
    }
}

fn carry_out(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Init { folder } => init::init(&folder),
        Command::Centre(arguments) => run::centre(&arguments),
        Command::Demo(arguments) => demo::demo(&arguments),
        Command::Settle { file, json, lang, policies } => {
            settle::settle(&file, json, lang.into(), policies.as_deref())
                .map_err(|error| city::in_words(error, lang.into()))
        }
        Command::Policy(command) => policy_tools::carry_out(command),
        Command::Fund(command) => fund::carry_out(command),
        Command::Hospital(command) => hospitals::carry_out(command),
        Command::People(command) => people::carry_out(command),
        Command::Clearing(command) => clearing::carry_out(command),
        Command::Messages(arguments) => messages::messages(&arguments),
        Command::Mapping(command) => mapping::carry_out(command),
        Command::Uploads(command) => uploads::carry_out(command),
        Command::Audit(command) => audit::carry_out(command),
        Command::Verify { database, policies, auditor_key } => {
            verify::verify(&database, policies.as_deref(), auditor_key.as_deref())
        }
        Command::Notice(command) => notices::carry_out(command),
        Command::Desk(arguments) => invite::carry_out(&arguments),
        Command::Export(arguments) => export::export(&arguments),
        Command::Role(command) => role::carry_out(&command),
        Command::Send(arguments) => send::send(&arguments),
        Command::Doctor(arguments) => doctor::doctor(&arguments),
        Command::Backup(arguments) => backups::save(&arguments),
        Command::Restore(arguments) => restore::restore(&arguments),
        Command::Drill(arguments) => restore::drill(&arguments),
        Command::Migrate(arguments) => migrate::migrate(&arguments),
    }
}
