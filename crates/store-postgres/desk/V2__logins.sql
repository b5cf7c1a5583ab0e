-- Workstations of a hospital work on these tables with the hospital's own login, and see its papers alone, whoever they act
-- as. The login that made the schema, the centre's, sees all.
create table login (
    role text collate "C" primary key,
    hospital text collate "C" not null
);

create function own_hospital() returns text
language sql stable security definer set search_path = pg_catalog, pg_temp
return (select hospital from desk.login where role = session_user);
revoke all on function own_hospital(), stays() from public;

do $$
declare
    name text;
begin
    foreach name in array array['paper', 'paper_tag', 'paper_event', 'login'] loop
        execute format('alter table %I enable row level security, force row level security', name);
        execute format('create policy tenant on %I using (hospital = (select desk.own_hospital()))
            with check (hospital = (select desk.own_hospital()))', name);
        execute format('create policy centre on %I to current_user using (true) with check (true)', name);
    end loop;
end $$;
