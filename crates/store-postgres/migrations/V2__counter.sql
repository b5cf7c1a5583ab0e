-- The remote-server road: a workstation hands its message over the counter, the centre's engine answers there. A login
-- role of a hospital can do nothing else: no policy, no right to the books ever leaves the centre.

-- Which login role is which hospital's.
create table hospital_role (
    role text collate "C" primary key,
    hospital bigint not null references hospital
);

-- What was put on the counter and not taken yet. Not logged: after a crash it is empty, and whoever waits sends the same
-- message again.
create unlogged table counter_slot (
    hospital bigint not null,
    ticket uuid not null,
    -- As the server's clock shows it: a session may set its own.
    put timestamptz not null default clock_timestamp(),
    message bytea not null,
    taken timestamptz,
    answer bytea,
    primary key (hospital, ticket)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
create index counter_waiting on counter_slot (put) where taken is null;

-- On which channel the engine is woken. Whoever knew it could count other hospitals' messages.
create table counter_bell (
    channel text collate "C" primary key
);
insert into counter_bell values ('b' || replace(gen_random_uuid()::text, '-', ''));

create schema counter;

-- The hospital of whoever logged in, whatever role is acting.
create function counter.session_hospital() returns bigint
language sql stable security definer set search_path = pg_catalog, pg_temp
return (select hospital from public.hospital_role where role = session_user);

-- A message of 16 bytes, the name of the channel to wake its sender on, and what is sent. Answers a ticket.
create function counter.put_message(message bytea) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    ours bigint := counter.session_hospital();
    ticket uuid := gen_random_uuid();
begin
    if ours is null then
        raise exception 'this role belongs to no hospital' using errcode = 'TQ101';
    end if;
    if length(message) not between 17 and 1048592 then
        raise exception 'a message has at most 1 MiB' using errcode = 'TQ102';
    end if;
    if (select count(*) from public.counter_slot s where s.hospital = ours) >= 64 then
        raise exception 'too many messages wait' using errcode = 'TQ103';
    end if;
    insert into public.counter_slot (hospital, ticket, message) values (ours, ticket, message);
    perform pg_notify(channel, '') from public.counter_bell;
    return ticket;
end $$;

-- The answer to a ticket, once: nothing while there is none, and for whatever is not this hospital's.
create function counter.take_answer(ticket uuid) returns bytea
language sql security definer set search_path = pg_catalog, pg_temp as $$
    delete from public.counter_slot s
    where s.hospital = counter.session_hospital() and s.ticket = take_answer.ticket and s.answer is not null
    returning s.answer
$$;

revoke all on function counter.session_hospital(), counter.put_message(bytea), counter.take_answer(uuid) from public;

-- A second wall. Tables with a hospital show a hospital's login its own rows, the others none, whoever it acts as; the
-- engine, which owns them, sees all.
do $$
declare
    name text;
    rule text;
begin
    foreach name in array array['hospital', 'access_key', 'encounter', 'diagnosis', 'fee_line', 'message', 'settlement',
        'journal', 'posting', 'sign_in', 'audit', 'hospital_role', 'counter_slot', 'counter_bell', 'person', 'cover',
        'identity', 'person_state', 'credit', 'stream']
    loop
        rule := case when name in ('counter_bell', 'person', 'cover', 'identity', 'person_state', 'credit', 'stream')
            then 'false' else 'hospital = (select counter.session_hospital())' end;
        execute format('alter table %I enable row level security, force row level security', name);
        execute format('create policy tenant on %I using (%s) with check (%s)', name, rule, rule);
        execute format('create policy centre on %I to current_user using (true) with check (true)', name);
    end loop;
end $$;
