//! Login roles of hospitals on the centre's database server: for workstations that work on it over the line.

use std::process::ExitCode;

use clap::Subcommand;

/// What is done with them.
#[derive(Subcommand)]
pub enum RoleCommand {
    /// Make the login of a hospital; its rights are set anew where it is there 建立机构登录角色
    Create(RoleArguments),
    /// Take it away; its open connections end 撤销机构登录角色
    Drop(RoleArguments),
}

#[derive(clap::Args)]
pub struct RoleArguments {
    /// Code of the institution
    #[arg(long)]
    hospital: String,
    /// The centre's database, as an administrator of the server, such as `postgres://postgres@SERVER/NAME`
    #[arg(long)]
    database: String,
}

/// Does it.
pub fn carry_out(command: &RoleCommand) -> anyhow::Result<ExitCode> {
    match command {
        RoleCommand::Create(arguments) => create(arguments),
        RoleCommand::Drop(arguments) => {
            let dropped = store_postgres::dismiss(&arguments.database, &arguments.hospital)?;
            let word = if dropped { "已撤销 dropped" } else { "原本没有 there was none" };
            println!("{}: {word}", arguments.hospital);
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn create(arguments: &RoleArguments) -> anyhow::Result<ExitCode> {
    let made = store_postgres::admit(&arguments.database, &arguments.hospital)?;
    let (role, database) = (&made.role, &made.database);
    println!(
        "{role}  {}",
        if made.known {
            "已存在,权限已重设 was there; its rights are set anew"
        } else {
            "已建立 made"
        }
    );
    println!(
        "{}\n\n\
         服务器上还要做的 what remains to be done on the server:\n\
         1. postgresql.conf: ssl = on, ssl_ca_file = '签发机构证书的 CA who signs the hospitals' certificates'\n\
         2. pg_hba.conf, 其他行之前 before the other lines:\n\
         \x20  hostssl {database} {role} all cert map=hospitals\n\
         \x20  host    all {role} all reject\n\
         \x20  local   all {role} reject\n\
         3. pg_ident.conf: 证书的 CN 对应角色 the certificate's CN is the role's\n\
         \x20  hospitals {role} {role}\n\
         4. select pg_reload_conf();\n\n\
         试一试 try: tongqu send --database 'postgres://{role}@SERVER/{database}?sslrootcert=ca.pem&sslcert={role}.pem\
         &sslkey={role}.key' 9001.json",
        if made.desk {
            "它能投递报文、取回答复,读写本院前台单据,此外看不到任何数据 \
             it may put messages, take their answers, and work on its own papers; it sees nothing else"
        } else {
            "它只能投递报文、取回答复,看不到任何数据 it may put messages and take their answers, and see nothing"
        }
    );
    if !made.open.is_empty() {
        println!(
            "\n注意 note: 所有人仍可连接 everybody may still connect to: {}; revoke connect on database … from public",
            made.open.join(", ")
        );
    }
    Ok(ExitCode::SUCCESS)
}
