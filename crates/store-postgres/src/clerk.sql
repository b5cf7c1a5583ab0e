-- What an administrator does once in a database, and again whenever a hospital's role is made: the two functions of the
-- counter get an owner of their own, who may do nothing else, and nobody else may look at the server's own tables, which
-- tell how many rows others write, who is connected and who waits for what.
do $$
declare
    owner name := (select tableowner from pg_tables where schemaname = 'public' and tablename = 'counter_slot');
    routine regprocedure;
    other name;
begin
    begin
        create role tongqu_counter nologin noinherit;
    exception when duplicate_object or unique_violation then
        null;
    end;
    revoke all on schema public, information_schema, counter from public;
    revoke all on all tables in schema public from public;
    execute format('grant usage, create on schema public, counter to %I', owner);
    execute format('revoke all on database %I from public', current_database());
    execute format('grant connect, temporary on database %I to %I', current_database(), owner);
    -- The databases every server is made with: their catalogs tell of the whole server.
    for other in
        select datname from pg_database
        where datname in ('postgres', 'template1') and has_database_privilege('public', oid, 'connect')
    loop
        begin
            execute format('revoke connect, temporary on database %I from public', other);
        exception when others then
            raise warning 'everybody may connect to %: %', other, sqlerrm;
        end;
    end loop;
    revoke usage on language sql, plpgsql from public;
    execute format('grant usage on language sql, plpgsql to %I', owner);
    grant usage on schema public, counter to tongqu_counter;
    grant select, insert, delete on public.counter_slot to tongqu_counter;
    grant select on public.counter_bell to tongqu_counter;
    drop policy if exists clerk on public.counter_bell;
    create policy clerk on public.counter_bell for select to tongqu_counter using (true);
    grant execute on function counter.session_hospital() to tongqu_counter;
    grant create on schema counter to tongqu_counter;
    alter function counter.put_message(bytea) owner to tongqu_counter;
    alter function counter.take_answer(uuid) owner to tongqu_counter;
    revoke create on schema counter from tongqu_counter;
    revoke select on all tables in schema pg_catalog from public;
    execute format('grant select on all tables in schema pg_catalog to %I', owner);
    for routine in
        select oid from pg_proc where pronamespace = 'pg_catalog'::regnamespace and proname ~ (
            '^(pg_stat|pg_advisory|pg_try_advisory|pg_lock|pg_blocking|pg_safe_snapshot|pg_isolation|pg_current_|pg_last_'
            '|pg_wal|pg_snapshot|pg_visible|pg_xact|pg_relation|pg_total_relation|pg_table_size|pg_indexes_size'
            '|pg_database_size|pg_tablespace|pg_filenode|pg_cancel|pg_terminate|pg_notif|pg_export|pg_get_replication'
            '|pg_show|pg_prepared|pg_sequence_last|pg_ls|pg_read|pg_log|pg_postmaster|pg_mcv|pg_cursor|txid|lo_|loread'
            '|lowrite|query_to_xml|table_to_xml|schema_to_xml|database_to_xml|cursor_to_xml|ts_stat|nextval|setval|currval'
            '|lastval|pg_get_|pg_control|pg_describe_object|pg_identify_object|pg_available_extension|pg_partition'
            '|pg_conf_load|age$|mxid_age$|pg_event_trigger|pg_collation|pg_column_size)')
    loop
        execute format('revoke execute on routine %s from public', routine);
        execute format('grant execute on routine %s to %I', routine, owner);
    end loop;
    grant execute on function pg_catalog.pg_notify(text, text) to tongqu_counter;
end $$;
