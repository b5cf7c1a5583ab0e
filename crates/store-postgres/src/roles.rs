//! Login roles of hospitals: each may hand messages over the counter and take its answers, and nothing else.

use store::StoreError;

use crate::address::Address;
use crate::fault;
use crate::link::Link;
use crate::values::Array;

/// Connections of one hospital at once.
const CONNECTIONS: u32 = 32;

/// Tables of the schema that have no rows of anybody.
const OPEN: &str = "'meta', 'refinery_schema_history', 'restoring', 'moved', 'origin'";

/// A hospital's role, made or found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    /// Its name.
    pub role: String,
    /// The database it may connect to.
    pub database: String,
    /// It was there before.
    pub known: bool,
    /// It may work on its papers in this database, too.
    pub desk: bool,
    /// Other databases of the server that everybody may connect to: their catalogs tell of the server.
    pub open: Vec<String>,
}

/// Makes the login role of a hospital, by an administrator of the server. What everybody else may see of the server is
/// taken away first, once and again.
pub fn admit(administrator: &str, code: &str) -> Result<Admitted, StoreError> {
    let mut link = open(administrator)?;
    let is_superuser = link
        .rows("select rolsuper from pg_roles where rolname = current_user", Vec::new())
        .map_err(fault("reading", "the administrator's rights"))?
        .first()
        .is_some_and(|row| row.get(0));
    if !is_superuser {
        let why = "only a superuser can take away what everybody may see of a server 须用超级用户执行";
        return Err(fault("making", "role")(why));
    }
    let hospital = hospital(&mut link, code)?;
    link.batch(ALONE).map_err(database("preparing"))?;
    link.batch(include_str!("clerk.sql")).map_err(database("preparing"))?;
    let (role, database_name) = (format!("h_{hospital}"), name(&mut link)?);
    let known = exists(&mut link, &role)?;
    let limits = "nosuperuser nocreatedb nocreaterole noreplication nobypassrls noinherit login";
    let make = if known { "alter" } else { "create" };
    link.batch(&format!(
        "{make} role {role} {limits} connection limit {CONNECTIONS}; \
         alter role {role} reset all; alter role {role} set temp_file_limit = '64MB'; \
         alter role {role} set statement_timeout = '30s'; alter role {role} set lock_timeout = '5s'; \
         alter role {role} set idle_in_transaction_session_timeout = '10s'; \
         alter role {role} set search_path = ''; \
         grant connect on database {database_name} to {role}; grant usage on schema counter to {role}; \
         grant execute on function counter.put_message(bytea), counter.take_answer(uuid) to {role}; \
         insert into public.hospital_role values ('{role}', {hospital}) on conflict do nothing; commit"
    ))
    .map_err(database("making"))?;
    let desk = has_desk(&mut link)?;
    if desk {
        link.batch(&at_the_desk(&role, code)).map_err(database("granting at the desk"))?;
    }
    let sql = "select datname::text from pg_database where datallowconn \
               and has_database_privilege('public', oid, 'connect') order by datname";
    let open = link.rows(sql, Vec::new()).map_err(fault("reading", "pg_database"))?;
    let open = open.iter().map(|row| row.get(0)).collect();
    Ok(Admitted { role, database: database_name, known, open, desk })
}

/// Whether the papers of desks are in this database.
fn has_desk(link: &mut Link) -> Result<bool, StoreError> {
    let sql = "select 1 where to_regclass('desk.login') is not null";
    Ok(!link.rows(sql, Vec::new()).map_err(fault("reading", "schema desk"))?.is_empty())
}

/// What a hospital's login may do with papers: its own, by the tables' walls; nothing is ever deleted but what papers are
/// found by.
fn at_the_desk(role: &str, code: &str) -> String {
    let code = code.replace('\'', "''");
    format!(
        "grant usage on schema desk to {role}; grant select on desk.meta to {role}; \
         grant select, insert, update on desk.paper to {role}; \
         grant select, insert, delete on desk.paper_tag to {role}; \
         grant select, insert on desk.paper_event to {role}; \
         grant execute on function desk.own_hospital() to {role}; \
         insert into desk.login values ('{role}', '{code}') on conflict (role) do update set hospital = excluded.hospital"
    )
}

/// Roles are the whole server's: one administrator at a time changes them, whichever database he is connected to.
const ALONE: &str = "begin; lock table pg_catalog.pg_authid in share row exclusive mode";

/// Takes a hospital's role away; its open connections end. Whether there was one.
pub fn dismiss(administrator: &str, code: &str) -> Result<bool, StoreError> {
    let mut link = open(administrator)?;
    let role = format!("h_{}", hospital(&mut link, code)?);
    if !exists(&mut link, &role)? {
        return Ok(false);
    }
    link.batch(&format!("alter role {role} nologin")).map_err(database("dropping"))?;
    link.batch(&format!(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = '{role}'"
    ))
    .map_err(database("dropping"))?;
    if has_desk(&mut link)? {
        link.batch(&format!("delete from desk.login where role = '{role}'")).map_err(database("dropping"))?;
    }
    link.batch(&format!(
        "{ALONE}; delete from public.hospital_role where role = '{role}'; drop owned by {role}; drop role {role}; commit"
    ))
    .map_err(database("dropping"))?;
    Ok(true)
}

fn open(administrator: &str) -> Result<Link, StoreError> {
    Address::parse(administrator)?.connect()
}

fn database(operation: &'static str) -> impl FnOnce(tokio_postgres::Error) -> StoreError {
    move |error| fault(operation, "role")(crate::told(&error))
}

fn hospital(link: &mut Link, code: &str) -> Result<i64, StoreError> {
    let sql = "select hospital from public.hospital where code = ($1::text[])[1]";
    let rows = link.rows(sql, vec![Array::texts([code])]).map_err(fault("reading", "hospital"))?;
    let why = "no institution has this code 没有这个机构编码";
    rows.first().map(|row| row.get(0)).ok_or_else(|| fault("making a role for", code)(why))
}

fn name(link: &mut Link) -> Result<String, StoreError> {
    let rows = link
        .rows("select quote_ident(current_database())", Vec::new())
        .map_err(fault("reading", "database"))?;
    Ok(rows.first().map(|row| row.get(0)).unwrap_or_default())
}

fn exists(link: &mut Link, role: &str) -> Result<bool, StoreError> {
    let sql = "select 1 from pg_roles where rolname = ($1::text[])[1]";
    Ok(!link.rows(sql, vec![Array::texts([role])]).map_err(fault("reading", "pg_roles"))?.is_empty())
}

/// A database with a table that has no wall is not served: a hospital's login might see its rows.
pub(crate) fn check_walls(link: &mut Link, schema: &str) -> Result<(), StoreError> {
    let sql = format!(
        "select string_agg(relname, ', ' order by relname) from pg_class where relnamespace = '{schema}'::regnamespace \
         and relkind in ('r', 'p') and relname not in ({OPEN}) and not (relrowsecurity and relforcerowsecurity)"
    );
    let rows = link.rows_once(&sql).map_err(fault("reading", "the tables' walls"))?;
    match rows.first().and_then(|row| row.get::<_, Option<String>>(0)) {
        None => Ok(()),
        Some(bare) => Err(fault("opening", "database")(format!("tables without row-level security: {bare}"))),
    }
}
