-- A database as this release writes it, made by
--     cargo test -p claviger --test upgrade -- --ignored make_the_dump
-- Every name, address and secret in it is a fake one.
-- cookie: claviger-loopback=9maCwV_YMLbxPTYeY1Z7Vw

SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;

CREATE SCHEMA graphile_worker;

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

CREATE TYPE graphile_worker.job_spec AS (
	identifier text,
	payload json,
	queue_name text,
	run_at timestamp with time zone,
	max_attempts smallint,
	job_key text,
	priority smallint,
	flags text[]
);

CREATE FUNCTION graphile_worker._private_return_jobs(worker_id text, job_ids bigint[], recovery_delay_ms bigint DEFAULT NULL::bigint, recovery_error text DEFAULT NULL::text, update_recovery_metadata boolean DEFAULT false) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM 1 FROM graphile_worker._private_jobs AS jobs
    WHERE jobs.id = ANY(job_ids) AND jobs.locked_by = worker_id
    ORDER BY jobs.id
    FOR UPDATE;

    WITH returned AS (
        UPDATE graphile_worker._private_jobs AS jobs
        SET
            attempts = CASE WHEN EXISTS (
                SELECT 1 FROM graphile_worker._private_job_retirements AS retired
                WHERE retired.id = jobs.id
            ) THEN jobs.attempts ELSE GREATEST(0, jobs.attempts - 1) END,
            locked_by = NULL,
            locked_at = NULL,
            run_at = CASE WHEN update_recovery_metadata AND recovery_delay_ms IS NOT NULL
                THEN GREATEST(jobs.run_at, now() + recovery_delay_ms * interval '1 millisecond')
                ELSE jobs.run_at END,
            last_error = CASE WHEN update_recovery_metadata
                THEN COALESCE(recovery_error, jobs.last_error) ELSE jobs.last_error END,
            updated_at = CASE WHEN update_recovery_metadata THEN now() ELSE jobs.updated_at END
        WHERE jobs.id = ANY(job_ids) AND jobs.locked_by = worker_id
        RETURNING jobs.job_queue_id
    )
    UPDATE graphile_worker._private_job_queues AS queues
    SET locked_by = NULL, locked_at = NULL
    FROM returned
    WHERE queues.id = returned.job_queue_id AND queues.locked_by = worker_id;
END;
$$;

CREATE TABLE graphile_worker._private_jobs (
    id bigint NOT NULL,
    job_queue_id integer,
    task_id integer NOT NULL,
    payload json DEFAULT '{}'::json NOT NULL,
    priority smallint DEFAULT 0 NOT NULL,
    run_at timestamp with time zone DEFAULT now() NOT NULL,
    attempts smallint DEFAULT 0 NOT NULL,
    max_attempts smallint DEFAULT 25 NOT NULL,
    last_error text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    key text,
    locked_at timestamp with time zone,
    locked_by text,
    revision integer DEFAULT 0 NOT NULL,
    flags jsonb,
    is_available boolean GENERATED ALWAYS AS (((locked_at IS NULL) AND (attempts < max_attempts))) STORED NOT NULL,
    CONSTRAINT jobs_key_check CHECK (((length(key) > 0) AND (length(key) <= 512))),
    CONSTRAINT jobs_max_attempts_check CHECK ((max_attempts >= 1))
);

CREATE FUNCTION graphile_worker.add_job(identifier text, payload json DEFAULT NULL::json, queue_name text DEFAULT NULL::text, run_at timestamp with time zone DEFAULT NULL::timestamp with time zone, max_attempts integer DEFAULT NULL::integer, job_key text DEFAULT NULL::text, priority integer DEFAULT NULL::integer, flags text[] DEFAULT NULL::text[], job_key_mode text DEFAULT 'replace'::text) RETURNS graphile_worker._private_jobs
    LANGUAGE plpgsql
    AS $$
declare
    v_job graphile_worker._private_jobs;
begin
    if (job_key is null or job_key_mode is null or job_key_mode in ('replace', 'preserve_run_at')) then
        select * into v_job
        from graphile_worker.add_jobs(
            ARRAY[(
                identifier,
                payload,
                queue_name,
                run_at,
                max_attempts::smallint,
                job_key,
                priority::smallint,
                flags
            )::graphile_worker.job_spec],
            (job_key_mode = 'preserve_run_at')
        )
        limit 1;

        if v_job.id is null then
            raise exception 'Unable to schedule job for key "%"', coalesce(job_key, '<null>') using errcode = 'GWNOR';
        end if;

        return v_job;
    elsif job_key_mode = 'unsafe_dedupe' then
        insert into graphile_worker._private_tasks as tasks (identifier)
        select add_job.identifier
        where not exists (
            select 1 from graphile_worker._private_tasks as existing
            where existing.identifier = add_job.identifier
        )
        on conflict do nothing;

        if queue_name is not null then
            insert into graphile_worker._private_job_queues as job_queues (queue_name)
            select add_job.queue_name
            where not exists (
                select 1 from graphile_worker._private_job_queues as existing
                where existing.queue_name = add_job.queue_name
            )
            on conflict do nothing;
        end if;

        insert into graphile_worker._private_jobs as jobs (
            job_queue_id,
            task_id,
            payload,
            run_at,
            max_attempts,
            key,
            priority,
            flags
        )
        select
            job_queues.id,
            tasks.id,
            coalesce(payload, '{}'::json),
            coalesce(run_at, now()),
            coalesce(max_attempts::smallint, 25::smallint),
            job_key,
            coalesce(priority::smallint, 0::smallint),
            (
                select jsonb_object_agg(flag, true)
                from unnest(flags) as item(flag)
            )
        from graphile_worker._private_tasks as tasks
        left join graphile_worker._private_job_queues as job_queues
        on job_queues.queue_name = add_job.queue_name
        where tasks.identifier = add_job.identifier
        on conflict (key)
        do update set
            revision = jobs.revision + 1,
            updated_at = now()
        returning *
        into v_job;

        if v_job.revision = 0 then
            perform pg_notify('jobs:insert', '{"r":' || random()::text || ',"count":1}');
        end if;

        return v_job;
    else
        raise exception 'Invalid job_key_mode value, expected ''replace'', ''preserve_run_at'' or ''unsafe_dedupe''.' using errcode = 'GWBKM';
    end if;
end;
$$;

CREATE FUNCTION graphile_worker.add_jobs(specs graphile_worker.job_spec[], job_key_preserve_run_at boolean DEFAULT false) RETURNS SETOF graphile_worker._private_jobs
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    AS $$
declare
    locked_key text;
begin
    for locked_key in
        select distinct spec.job_key
        from unnest(specs) spec
        where spec.job_key is not null
        order by spec.job_key
    loop
        perform pg_advisory_xact_lock(hashtext(locked_key));
    end loop;

    perform 1
    from graphile_worker._private_jobs as jobs
    where jobs.key = any(
        array(
            select distinct spec.job_key
            from unnest(specs) spec
            where spec.job_key is not null
        )
    )
    for update;

    insert into graphile_worker._private_tasks as tasks (identifier)
    select distinct spec.identifier
    from unnest(specs) spec
    where not exists (
        select 1 from graphile_worker._private_tasks as existing
        where existing.identifier = spec.identifier
    )
    on conflict do nothing;

    insert into graphile_worker._private_job_queues as job_queues (queue_name)
    select distinct spec.queue_name
    from unnest(specs) spec
    where spec.queue_name is not null
    and not exists (
        select 1 from graphile_worker._private_job_queues as existing
        where existing.queue_name = spec.queue_name
    )
    on conflict do nothing;

    with retired as (
        update graphile_worker._private_jobs as jobs
        set
            key = null,
            attempts = jobs.max_attempts,
            updated_at = now()
        from unnest(specs) spec
        where spec.job_key is not null
        and jobs.key = spec.job_key
        and is_available is not true
        returning jobs.id
    )
    insert into graphile_worker._private_job_retirements(id)
    select id from retired
    on conflict do nothing;

    perform pg_notify('jobs:insert', '{"r":' || random()::text || ',"count":' || array_length(specs, 1)::text || '}');

    return query insert into graphile_worker._private_jobs as jobs (
        job_queue_id,
        task_id,
        payload,
        run_at,
        max_attempts,
        key,
        priority,
        flags
    )
        select
            job_queues.id,
            tasks.id,
            coalesce(spec.payload, '{}'::json),
            coalesce(spec.run_at, now()),
            coalesce(spec.max_attempts, 25),
            spec.job_key,
            coalesce(spec.priority, 0),
            (
                select jsonb_object_agg(flag, true)
                from unnest(spec.flags) as item(flag)
            )
        from unnest(specs) spec
        inner join graphile_worker._private_tasks as tasks
        on tasks.identifier = spec.identifier
        left join graphile_worker._private_job_queues as job_queues
        on job_queues.queue_name = spec.queue_name
    on conflict (key) do update set
        job_queue_id = excluded.job_queue_id,
        task_id = excluded.task_id,
        payload =
            case
            when json_typeof(jobs.payload) = 'array' and json_typeof(excluded.payload) = 'array' then
                (jobs.payload::jsonb || excluded.payload::jsonb)::json
            else
                excluded.payload
            end,
        max_attempts = excluded.max_attempts,
        run_at = (case
            when job_key_preserve_run_at is true and jobs.attempts = 0 then jobs.run_at
            else excluded.run_at
        end),
        priority = excluded.priority,
        revision = jobs.revision + 1,
        flags = excluded.flags,
        attempts = 0,
        last_error = null,
        updated_at = now()
    where jobs.locked_at is null
    returning *;
end;
$$;

CREATE FUNCTION graphile_worker.complete_jobs(job_ids bigint[]) RETURNS SETOF graphile_worker._private_jobs
    LANGUAGE sql
    AS $$
    delete from graphile_worker._private_jobs as jobs
        where id = any(job_ids)
        and (
            locked_at is null
        or
            locked_at < now() - interval '4 hours'
        )
        returning *;
$$;

CREATE FUNCTION graphile_worker.delete_stale_workers(worker_ids text[]) RETURNS void
    LANGUAGE sql
    AS $$
    DELETE FROM graphile_worker._private_workers AS workers
    WHERE workers.id = ANY(worker_ids);
$$;

CREATE FUNCTION graphile_worker.force_unlock_workers(worker_ids text[]) RETURNS void
    LANGUAGE sql
    AS $$
        update graphile_worker._private_jobs as jobs
        set locked_at = null, locked_by = null
        where locked_by = any(worker_ids);
        update graphile_worker._private_job_queues as job_queues
        set locked_at = null, locked_by = null
        where locked_by = any(worker_ids);
$$;

CREATE FUNCTION graphile_worker.list_orphan_locked_workers(stale_threshold interval) RETURNS TABLE(worker_id text)
    LANGUAGE sql
    AS $$
    SELECT DISTINCT locks.locked_by AS worker_id
    FROM (
        SELECT jobs.locked_by, jobs.locked_at
        FROM graphile_worker._private_jobs AS jobs
        WHERE jobs.locked_by IS NOT NULL
        UNION ALL
        SELECT job_queues.locked_by, job_queues.locked_at
        FROM graphile_worker._private_job_queues AS job_queues
        WHERE job_queues.locked_by IS NOT NULL
    ) AS locks
    WHERE locks.locked_at < now() - stale_threshold
    AND NOT EXISTS (
        SELECT 1
        FROM graphile_worker._private_workers AS workers
        WHERE workers.id = locks.locked_by
    );
$$;

CREATE FUNCTION graphile_worker.list_stale_workers(stale_threshold interval) RETURNS TABLE(worker_id text)
    LANGUAGE sql
    AS $$
    SELECT workers.id AS worker_id
    FROM graphile_worker._private_workers AS workers
    WHERE workers.last_heartbeat_at < now() - stale_threshold;
$$;

CREATE FUNCTION graphile_worker.permanently_fail_jobs(job_ids bigint[], error_message text DEFAULT NULL::text) RETURNS SETOF graphile_worker._private_jobs
    LANGUAGE sql
    AS $$
    WITH retired AS (
    UPDATE graphile_worker._private_jobs AS jobs
    SET
        last_error = COALESCE(error_message, 'Manually marked as failed'),
        attempts = max_attempts,
        updated_at = now()
    WHERE id = ANY(job_ids)
    AND (
        locked_at IS NULL
    OR
        locked_at < NOW() - interval '4 hours'
    )
    RETURNING *
    ), marked AS (
        INSERT INTO graphile_worker._private_job_retirements(id)
        SELECT id FROM retired
        ON CONFLICT DO NOTHING
    )
    SELECT * FROM retired;
$$;

CREATE FUNCTION graphile_worker.recover_dead_worker_jobs(worker_ids text[], recovery_delay interval DEFAULT '00:00:00'::interval) RETURNS integer
    LANGUAGE plpgsql
    AS $$
DECLARE
    recovered_count integer := 0;
BEGIN
    -- Take row locks before the statement that reads retirement markers.
    PERFORM 1 FROM graphile_worker._private_jobs AS jobs
    WHERE jobs.locked_by = ANY(worker_ids)
    ORDER BY jobs.id
    FOR UPDATE;

    WITH j AS (
        UPDATE graphile_worker._private_jobs AS jobs
        SET
            attempts = CASE WHEN EXISTS (
                SELECT 1 FROM graphile_worker._private_job_retirements AS retired
                WHERE retired.id = jobs.id
            ) THEN jobs.attempts
                ELSE GREATEST(0, jobs.attempts - 1) END,
            locked_by = NULL,
            locked_at = NULL,
            run_at = GREATEST(jobs.run_at, now() + recovery_delay),
            last_error = 'Job recovered after worker interruption',
            updated_at = now()
        WHERE jobs.locked_by = ANY(worker_ids)
        RETURNING jobs.job_queue_id
    )
    SELECT COUNT(*) INTO recovered_count FROM j;

    UPDATE graphile_worker._private_job_queues AS job_queues
    SET locked_by = NULL, locked_at = NULL
    WHERE job_queues.locked_by = ANY(worker_ids);

    RETURN recovered_count;
END;
$$;

CREATE FUNCTION graphile_worker.remove_job(job_key text) RETURNS graphile_worker._private_jobs
    LANGUAGE plpgsql STRICT
    AS $$
declare
    v_job graphile_worker._private_jobs;
begin
    -- Delete job if not locked
    DELETE FROM graphile_worker._private_jobs AS jobs
    WHERE key = job_key
    AND (
        locked_at IS NULL
    OR
        locked_at < NOW() - interval '4 hours'
    )
    RETURNING * INTO v_job;
    IF NOT (v_job IS NULL) THEN
        RETURN v_job;
    END IF;
    -- Otherwise prevent job from retrying, and clear the key
    UPDATE graphile_worker._private_jobs AS jobs
    SET
        key = NULL,
        attempts = jobs.max_attempts,
        updated_at = now()
    WHERE key = job_key
    RETURNING * INTO v_job;
    IF v_job.id IS NOT NULL THEN
        INSERT INTO graphile_worker._private_job_retirements(id)
        VALUES (v_job.id) ON CONFLICT DO NOTHING;
    END IF;
    RETURN v_job;
end;
$$;

CREATE FUNCTION graphile_worker.reschedule_jobs(job_ids bigint[], run_at timestamp with time zone DEFAULT NULL::timestamp with time zone, priority integer DEFAULT NULL::integer, attempts integer DEFAULT NULL::integer, max_attempts integer DEFAULT NULL::integer) RETURNS SETOF graphile_worker._private_jobs
    LANGUAGE plpgsql
    AS $$
BEGIN
    -- Explicit revival must see and clear a concurrently committed retirement.
    PERFORM 1 FROM graphile_worker._private_jobs AS jobs
    WHERE jobs.id = ANY(job_ids)
    AND (jobs.locked_at IS NULL OR jobs.locked_at < now() - interval '4 hours')
    ORDER BY jobs.id
    FOR UPDATE;

    RETURN QUERY WITH updated AS (
    UPDATE graphile_worker._private_jobs AS jobs
    SET
        run_at = COALESCE(reschedule_jobs.run_at, jobs.run_at),
        priority = COALESCE(reschedule_jobs.priority::smallint, jobs.priority),
        attempts = COALESCE(reschedule_jobs.attempts::smallint, jobs.attempts),
        max_attempts = COALESCE(reschedule_jobs.max_attempts::smallint, jobs.max_attempts),
        updated_at = now()
    WHERE id = ANY(job_ids)
    AND (
        locked_at IS NULL
    OR
        locked_at < NOW() - interval '4 hours'
    )
    RETURNING *
    ), cleared AS (
        DELETE FROM graphile_worker._private_job_retirements AS retired
        USING updated
        WHERE retired.id = updated.id
    )
    SELECT * FROM updated;
END;
$$;

CREATE FUNCTION graphile_worker.worker_deregister(worker_id text) RETURNS void
    LANGUAGE sql
    AS $$
    DELETE FROM graphile_worker._private_workers
    WHERE id = worker_deregister.worker_id;
$$;

CREATE FUNCTION graphile_worker.worker_heartbeat(worker_id text, metadata json DEFAULT NULL::json) RETURNS void
    LANGUAGE sql
    AS $$
    INSERT INTO graphile_worker._private_workers AS workers (id, last_heartbeat_at, metadata)
    VALUES (worker_heartbeat.worker_id, now(), metadata::jsonb)
    ON CONFLICT (id) DO UPDATE
    SET
        last_heartbeat_at = now(),
        metadata = COALESCE(EXCLUDED.metadata, workers.metadata);
$$;

CREATE FUNCTION public.audit_is_append_only() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    raise exception 'the audit trail is append-only';
end $$;

CREATE FUNCTION public.mark_written() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    new.written := pg_current_xact_id()::text::bigint;
    return new;
end $$;

CREATE TABLE graphile_worker._private_job_queues (
    id integer NOT NULL,
    queue_name text NOT NULL,
    locked_at timestamp with time zone,
    locked_by text,
    is_available boolean GENERATED ALWAYS AS ((locked_at IS NULL)) STORED NOT NULL,
    CONSTRAINT job_queues_queue_name_check CHECK ((length(queue_name) <= 128))
);

CREATE TABLE graphile_worker._private_job_retirements (
    id bigint NOT NULL
);

CREATE TABLE graphile_worker._private_known_crontabs (
    identifier text NOT NULL,
    known_since timestamp with time zone NOT NULL,
    last_execution timestamp with time zone
);

CREATE TABLE graphile_worker._private_tasks (
    id integer NOT NULL,
    identifier text NOT NULL,
    CONSTRAINT tasks_identifier_check CHECK ((length(identifier) <= 128))
);

CREATE TABLE graphile_worker._private_workers (
    id text NOT NULL,
    last_heartbeat_at timestamp with time zone NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    metadata jsonb
);

ALTER TABLE graphile_worker._private_job_queues ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME graphile_worker.job_queues_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE VIEW graphile_worker.jobs AS
 SELECT jobs.id,
    job_queues.queue_name,
    tasks.identifier AS task_identifier,
    jobs.priority,
    jobs.run_at,
    jobs.attempts,
    jobs.max_attempts,
    jobs.last_error,
    jobs.created_at,
    jobs.updated_at,
    jobs.key,
    jobs.locked_at,
    jobs.locked_by,
    jobs.revision,
    jobs.flags
   FROM ((graphile_worker._private_jobs jobs
     JOIN graphile_worker._private_tasks tasks ON ((tasks.id = jobs.task_id)))
     LEFT JOIN graphile_worker._private_job_queues job_queues ON ((job_queues.id = jobs.job_queue_id)));

ALTER TABLE graphile_worker._private_jobs ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME graphile_worker.jobs_id_seq1
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE graphile_worker.migrations (
    id integer NOT NULL,
    ts timestamp with time zone DEFAULT now() NOT NULL,
    breaking boolean DEFAULT false NOT NULL
);

ALTER TABLE graphile_worker._private_tasks ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME graphile_worker.tasks_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public._sqlx_migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);

CREATE TABLE public.access_decision (
    grant_id bigint NOT NULL,
    subject text NOT NULL,
    decided jsonb NOT NULL,
    at timestamp with time zone NOT NULL
);

CREATE TABLE public.access_denial (
    grant_id bigint NOT NULL,
    account_id text NOT NULL,
    session_name text NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    needed_until timestamp with time zone NOT NULL,
    put_at timestamp with time zone,
    confirmed_at timestamp with time zone,
    collected_at timestamp with time zone,
    fault text,
    wide boolean DEFAULT false NOT NULL
);

CREATE TABLE public.access_grant (
    id bigint NOT NULL,
    request_id bigint NOT NULL,
    account_id text NOT NULL,
    requester text NOT NULL,
    rule jsonb NOT NULL,
    state jsonb NOT NULL,
    word text NOT NULL,
    next_at timestamp with time zone,
    minutes integer NOT NULL,
    session_name text NOT NULL,
    reminders integer DEFAULT 0 NOT NULL,
    remind_at timestamp with time zone,
    warned boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone NOT NULL
);

ALTER TABLE public.access_grant ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.access_grant_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.access_grant_resource (
    grant_id bigint NOT NULL,
    "position" integer NOT NULL,
    resource_id uuid NOT NULL,
    resource jsonb NOT NULL
);

CREATE TABLE public.access_request (
    id bigint NOT NULL,
    requester text NOT NULL,
    terms jsonb NOT NULL,
    hash text NOT NULL,
    created_at timestamp with time zone NOT NULL
);

ALTER TABLE public.access_request ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.access_request_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.access_review (
    grant_id bigint NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    closed_by jsonb,
    note text
);

CREATE TABLE public.access_session (
    id uuid NOT NULL,
    grant_id bigint NOT NULL,
    purpose text NOT NULL,
    begun_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    issued_at timestamp with time zone,
    access_key_id text
);

CREATE TABLE public.access_trail (
    grant_id bigint NOT NULL,
    read_at timestamp with time zone NOT NULL,
    readable boolean NOT NULL
);

CREATE TABLE public.access_trail_event (
    event_id text NOT NULL,
    grant_id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    name text NOT NULL,
    error text,
    source_ip text
);

CREATE TABLE public.account (
    id text NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    state text NOT NULL,
    ou_path text[] NOT NULL,
    joined_at timestamp with time zone,
    first_seen_at timestamp with time zone NOT NULL,
    left_at timestamp with time zone,
    checked_at timestamp with time zone,
    identities_read_at timestamp with time zone,
    identities_fault text,
    written bigint DEFAULT ((pg_current_xact_id())::text)::bigint NOT NULL,
    owners_as text DEFAULT ''::text NOT NULL,
    regions text[],
    regions_fault text
);

CREATE TABLE public.audit_entry (
    seq bigint NOT NULL,
    body text NOT NULL,
    previous bytea NOT NULL,
    hash bytea NOT NULL,
    at timestamp with time zone NOT NULL,
    deed text NOT NULL,
    phase text NOT NULL,
    subject text NOT NULL,
    succeeded boolean,
    started bigint
);

CREATE TABLE public.audit_head (
    only_row boolean DEFAULT true NOT NULL,
    seq bigint NOT NULL,
    published_at timestamp with time zone NOT NULL,
    CONSTRAINT audit_head_only_row_check CHECK (only_row)
);

CREATE TABLE public.brake (
    is_one boolean DEFAULT true NOT NULL,
    pulled_by text NOT NULL,
    reason text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT brake_is_one_check CHECK (is_one)
);

CREATE TABLE public.config_result (
    account_id text NOT NULL,
    region text NOT NULL,
    rule text NOT NULL,
    identifier text NOT NULL,
    parameters text,
    resource text NOT NULL,
    compliance text NOT NULL,
    recorded_at timestamp with time zone,
    annotation text
);

CREATE TABLE public.delivery (
    id bigint NOT NULL,
    notice_id bigint NOT NULL,
    channel text NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    next_at timestamp with time zone NOT NULL,
    failed_at timestamp with time zone,
    reason text,
    ended_at timestamp with time zone,
    CONSTRAINT delivery_channel_check CHECK ((channel = ANY (ARRAY['email'::text, 'chat'::text, 'events'::text]))),
    CONSTRAINT delivery_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'delivered'::text, 'skipped'::text, 'given-up'::text])))
);

ALTER TABLE public.delivery ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.delivery_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.digest (
    subject text NOT NULL,
    week date NOT NULL
);

CREATE TABLE public.effective_tag_policy (
    account_id text NOT NULL,
    ou_path text[] NOT NULL,
    content text,
    read_at timestamp with time zone NOT NULL
);

CREATE TABLE public.evaluation (
    account_id text NOT NULL,
    at timestamp with time zone NOT NULL,
    next_at timestamp with time zone,
    context bytea,
    round bigint DEFAULT 0 NOT NULL,
    resources integer DEFAULT 0 NOT NULL,
    next_due_at timestamp with time zone
);

CREATE TABLE public.resource_findings (
    resource_id uuid NOT NULL,
    account_id text NOT NULL,
    team text,
    marks json NOT NULL,
    texts json NOT NULL,
    written bigint DEFAULT ((pg_current_xact_id())::text)::bigint NOT NULL
)
WITH (fillfactor='90');
ALTER TABLE ONLY public.resource_findings ALTER COLUMN marks SET STORAGE EXTERNAL;
ALTER TABLE ONLY public.resource_findings ALTER COLUMN texts SET STORAGE EXTERNAL;

CREATE VIEW public.finding AS
 SELECT s.resource_id,
    s.account_id,
    s.team,
    (x.m ->> 0) AS policy_id,
    (x.m ->> 1) AS category,
    (x.m ->> 2) AS severity,
    (x.m ->> 3) AS verdict,
    (x.t ->> 0) AS says,
    (x.t -> 1) AS evidence,
    ('1970-01-01 00:00:00+00'::timestamp with time zone + ((((x.m ->> 4))::bigint)::double precision * '00:00:00.000001'::interval)) AS opened_at,
    ('1970-01-01 00:00:00+00'::timestamp with time zone + ((((x.m ->> 5))::bigint)::double precision * '00:00:00.000001'::interval)) AS due_at,
    ('1970-01-01 00:00:00+00'::timestamp with time zone + ((((x.m ->> 6))::bigint)::double precision * '00:00:00.000001'::interval)) AS resolved_at,
    ((x.m ->> 7))::integer AS reopened,
    ((x.m ->> 8))::bigint AS waiver_id
   FROM (public.resource_findings s
     CROSS JOIN LATERAL ROWS FROM(json_array_elements(s.marks), json_array_elements(s.texts)) x(m, t));

CREATE TABLE public.inventory_export (
    subject text NOT NULL,
    token text NOT NULL,
    total bigint NOT NULL,
    written bigint DEFAULT 0 NOT NULL,
    begun_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    failed boolean DEFAULT false NOT NULL
);

CREATE TABLE public.judgement (
    resource_id uuid NOT NULL,
    account_id text NOT NULL,
    fingerprint bytea NOT NULL,
    deep_fingerprint bytea,
    used_on date,
    verdicts text NOT NULL,
    gaps text,
    digest bytea NOT NULL,
    until timestamp with time zone
)
WITH (fillfactor='85');

CREATE TABLE public.kms_key (
    account_id text NOT NULL,
    region text NOT NULL,
    key_id text NOT NULL,
    reading jsonb NOT NULL,
    read_at timestamp with time zone NOT NULL
);

CREATE TABLE public.logout_token (
    id_hash bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

CREATE TABLE public.notice (
    id bigint NOT NULL,
    recipient text,
    kind text NOT NULL,
    grant_id bigint,
    title text NOT NULL,
    body text NOT NULL,
    link text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    read_at timestamp with time zone,
    sent_at timestamp with time zone
);

ALTER TABLE public.notice ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.notice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.organization (
    is_one boolean DEFAULT true NOT NULL,
    id text NOT NULL,
    management_account text NOT NULL,
    read_at timestamp with time zone NOT NULL,
    tag_policies_read_at timestamp with time zone,
    tag_policies_enabled boolean,
    tag_policies_fault text,
    CONSTRAINT organization_is_one_check CHECK (is_one)
);

CREATE TABLE public.ou (
    id text NOT NULL,
    parent_id text,
    name text NOT NULL,
    path text NOT NULL
);

CREATE TABLE public.parameter_tags_read (
    account_id text NOT NULL,
    region text NOT NULL,
    read_at timestamp with time zone NOT NULL,
    is_due boolean DEFAULT false NOT NULL
);

CREATE TABLE public.path_reader (
    account_id text NOT NULL,
    principal text NOT NULL,
    documents text[] NOT NULL,
    boundary text
);

CREATE TABLE public.person (
    subject text NOT NULL,
    name text NOT NULL,
    email text,
    groups text[] NOT NULL,
    seen_at timestamp with time zone NOT NULL
);

CREATE TABLE public.plan (
    id bigint NOT NULL,
    title text NOT NULL,
    reason text NOT NULL,
    author jsonb,
    state text NOT NULL,
    needs_approval boolean NOT NULL,
    hash text NOT NULL,
    decision jsonb,
    created_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone
);

ALTER TABLE public.plan ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.plan_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.plan_step (
    plan_id bigint NOT NULL,
    "position" integer NOT NULL,
    resource_id uuid NOT NULL,
    account_id text NOT NULL,
    policy_id text NOT NULL,
    call jsonb NOT NULL,
    changes jsonb NOT NULL,
    token uuid NOT NULL,
    state text DEFAULT 'pending'::text NOT NULL,
    says text,
    attempts integer DEFAULT 0 NOT NULL,
    began_at timestamp with time zone,
    ended_at timestamp with time zone
);

CREATE TABLE public.policy (
    id text NOT NULL,
    version integer NOT NULL,
    document text NOT NULL,
    saved_by text NOT NULL,
    saved_at timestamp with time zone NOT NULL,
    retired_at timestamp with time zone
);

CREATE TABLE public.policy_version (
    policy_id text NOT NULL,
    version integer NOT NULL,
    document text,
    saved_by text NOT NULL,
    saved_at timestamp with time zone NOT NULL
);

CREATE TABLE public.posture (
    account_id text NOT NULL,
    team text NOT NULL,
    policy_id text NOT NULL,
    pass integer NOT NULL,
    fail integer NOT NULL,
    unknown integer NOT NULL,
    waived integer DEFAULT 0 NOT NULL
);

CREATE TABLE public.posture_day (
    day date NOT NULL,
    account_id text NOT NULL,
    passed bigint NOT NULL,
    total bigint NOT NULL,
    fail integer NOT NULL
);

CREATE TABLE public.posture_gap (
    account_id text NOT NULL,
    says text NOT NULL,
    checks integer NOT NULL
);

CREATE TABLE public.posture_offender (
    account_id text NOT NULL,
    resource_id uuid NOT NULL,
    weight integer NOT NULL,
    fails integer NOT NULL,
    worst text NOT NULL
);

CREATE TABLE public.readiness (
    account_id text NOT NULL,
    item text NOT NULL,
    region text DEFAULT ''::text NOT NULL,
    state text NOT NULL,
    says text NOT NULL
);

CREATE TABLE public.resource (
    id uuid NOT NULL,
    arn text NOT NULL,
    kind text NOT NULL,
    account_id text NOT NULL,
    region text NOT NULL,
    name text NOT NULL,
    facts jsonb NOT NULL,
    search text NOT NULL,
    owner text,
    owner_class text NOT NULL,
    parameter_type text,
    key_class text NOT NULL,
    rotation_enabled boolean,
    next_rotation_at timestamp with time zone,
    stuck_version text,
    primary_arn text,
    replica_regions text[] DEFAULT '{}'::text[] NOT NULL,
    used_on date,
    is_listed boolean NOT NULL,
    accessed_on date,
    changed_at timestamp with time zone,
    deleted_at timestamp with time zone,
    fingerprint bytea NOT NULL,
    first_seen_at timestamp with time zone NOT NULL,
    facts_changed_at timestamp with time zone NOT NULL,
    gone_at timestamp with time zone,
    last_seen_at timestamp with time zone,
    deep jsonb,
    deep_read_at timestamp with time zone,
    deep_of_change timestamp with time zone,
    deep_fingerprint bytea,
    written bigint DEFAULT ((pg_current_xact_id())::text)::bigint NOT NULL
);

CREATE TABLE public.resource_change (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    resource_id uuid NOT NULL,
    account_id text NOT NULL,
    what text NOT NULL,
    field text DEFAULT ''::text NOT NULL,
    before text,
    after text
);

ALTER TABLE public.resource_change ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.resource_change_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.saved_view (
    id uuid NOT NULL,
    owner text NOT NULL,
    name text NOT NULL,
    query text NOT NULL,
    shared boolean NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.scan (
    account_id text NOT NULL,
    region text NOT NULL,
    sweep_id uuid NOT NULL,
    status text NOT NULL,
    attempted_at timestamp with time zone,
    fault text,
    fault_code text,
    api_calls integer DEFAULT 0 NOT NULL,
    complete_at timestamp with time zone
);

CREATE TABLE public.scan_list (
    account_id text NOT NULL,
    region text NOT NULL,
    list text NOT NULL,
    attempted_at timestamp with time zone,
    fault text,
    fault_code text,
    operation text,
    complete_at timestamp with time zone,
    CONSTRAINT scan_list_list_check CHECK ((list = ANY (ARRAY['secrets'::text, 'parameters'::text, 'parameter-tags'::text])))
);

CREATE TABLE public.session (
    id_hash bytea NOT NULL,
    data jsonb NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

CREATE TABLE public.sign_in (
    id uuid NOT NULL,
    subject text NOT NULL,
    name text NOT NULL,
    email text,
    groups text[] NOT NULL,
    arrived jsonb NOT NULL,
    provider_session text,
    sealed bytea NOT NULL,
    signed_in_at timestamp with time zone NOT NULL,
    read_at timestamp with time zone NOT NULL,
    failed_at timestamp with time zone,
    leased_until timestamp with time zone,
    expires_at timestamp with time zone NOT NULL
);

CREATE TABLE public.signed_out (
    kind text NOT NULL,
    id text NOT NULL,
    at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT signed_out_kind_check CHECK ((kind = ANY (ARRAY['subject'::text, 'session'::text])))
);

CREATE TABLE public.sweep (
    id uuid NOT NULL,
    trigger text NOT NULL,
    requested_by text,
    started_at timestamp with time zone NOT NULL,
    planned_at timestamp with time zone,
    finished_at timestamp with time zone,
    fault text
);

CREATE TABLE public.tag_policy (
    id text NOT NULL,
    name text NOT NULL,
    content text NOT NULL,
    targets text[] NOT NULL
);

CREATE TABLE public.used_state (
    state_hash bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

CREATE TABLE public.waiver (
    id bigint NOT NULL,
    policy_id text,
    resource_id uuid,
    account_id text,
    ou_id text,
    reason text NOT NULL,
    owner jsonb NOT NULL,
    state text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    decision jsonb,
    review jsonb,
    ending jsonb,
    review_at timestamp with time zone,
    warned_at timestamp with time zone,
    ended_at timestamp with time zone,
    CONSTRAINT waiver_check CHECK ((num_nonnulls(resource_id, account_id, ou_id) <= 1)),
    CONSTRAINT waiver_check1 CHECK (((policy_id IS NOT NULL) OR (resource_id IS NOT NULL))),
    CONSTRAINT waiver_check2 CHECK ((ends_at > created_at))
);

ALTER TABLE public.waiver ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.waiver_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

INSERT INTO graphile_worker._private_jobs OVERRIDING SYSTEM VALUE VALUES
	(355, NULL, 2, '{"job": "scan", "sweep": "01a21fb2-7397-72a1-8489-8c5fcee1ce97", "region": "us-east-1", "account": "441205839201"}', 10, '2026-11-28 01:08:38.436633+00', 0, 8, NULL, '2026-11-28 01:08:38.436633+00', '2026-11-28 01:08:38.436633+00', NULL, NULL, NULL, 0, NULL, DEFAULT),
	(356, NULL, 2, '{"job": "scan", "sweep": "01a21fb2-7397-72a1-8489-8c5fcee1ce97", "region": "eu-west-1", "account": "441205839201"}', 10, '2026-11-28 01:08:38.436633+00', 0, 8, NULL, '2026-11-28 01:08:38.436633+00', '2026-11-28 01:08:38.436633+00', NULL, NULL, NULL, 0, NULL, DEFAULT),
	(357, NULL, 2, '{"job": "scan", "sweep": "01a21fb2-7397-72a1-8489-8c5fcee1ce97", "region": "us-east-1", "account": "458812704336"}', 10, '2026-11-28 01:08:38.436633+00', 0, 8, NULL, '2026-11-28 01:08:38.436633+00', '2026-11-28 01:08:38.436633+00', NULL, NULL, NULL, 0, NULL, DEFAULT),
	(358, NULL, 2, '{"job": "scan", "sweep": "01a21fb2-7397-72a1-8489-8c5fcee1ce97", "region": "eu-west-1", "account": "458812704336"}', 10, '2026-11-28 01:08:38.436633+00', 0, 8, NULL, '2026-11-28 01:08:38.436633+00', '2026-11-28 01:08:38.436633+00', NULL, NULL, NULL, 0, NULL, DEFAULT),
	(359, NULL, 2, '{"job": "scan", "sweep": "01a21fb2-7397-72a1-8489-8c5fcee1ce97", "region": "us-east-1", "account": "561840927734"}', 10, '2026-11-28 01:08:38.436633+00', 0, 8, NULL, '2026-11-28 01:08:38.436633+00', '2026-11-28 01:08:38.436633+00', NULL, NULL, NULL, 0, NULL, DEFAULT),
	(360, NULL, 2, '{"job": "scan", "sweep": "01a21fb2-7397-72a1-8489-8c5fcee1ce97", "region": "eu-west-1", "account": "561840927734"}', 10, '2026-11-28 01:08:38.436633+00', 0, 8, NULL, '2026-11-28 01:08:38.436633+00', '2026-11-28 01:08:38.436633+00', NULL, NULL, NULL, 0, NULL, DEFAULT),
	(364, NULL, 2, '{"job": "plan_sweep", "sweep": "01a21fb2-7397-72a1-8489-8c5fcee1ce97"}', 10, '2026-11-28 01:08:38.462119+00', 0, 8, NULL, '2026-11-28 01:08:38.462119+00', '2026-11-28 01:08:38.462119+00', 'plan:01a21fb2-7397-72a1-8489-8c5fcee1ce97', NULL, NULL, 0, NULL, DEFAULT),
	(365, NULL, 2, '{"job": "read_deep", "region": "us-east-1", "account": "441205839201"}', 20, '2026-11-28 01:08:38.462119+00', 0, 8, NULL, '2026-11-28 01:08:38.462119+00', '2026-11-28 01:08:38.462119+00', 'deep:441205839201:us-east-1', NULL, NULL, 0, NULL, DEFAULT),
	(366, NULL, 2, '{"job": "evaluate", "account": "441205839201"}', 0, '2026-11-28 01:08:38.462119+00', 0, 8, NULL, '2026-11-28 01:08:38.462119+00', '2026-11-28 01:08:38.462119+00', 'evaluate:441205839201', NULL, NULL, 0, NULL, DEFAULT),
	(368, NULL, 1, '{"job": "end_sessions", "grant": 16}', -20, '2026-11-28 01:08:38.462119+00', 0, 8, NULL, '2026-11-28 01:08:38.462119+00', '2026-11-28 01:08:38.462119+00', 'end:G-16', NULL, NULL, 0, NULL, DEFAULT),
	(369, NULL, 1, '{"job": "collect_denials", "account": "441205839201"}', -20, '2026-11-28 01:08:38.462119+00', 0, 8, NULL, '2026-11-28 01:08:38.462119+00', '2026-11-28 01:08:38.462119+00', 'collect:441205839201', NULL, NULL, 0, NULL, DEFAULT),
	(370, NULL, 1, '{"job": "deliver", "notice": 1}', -10, '2026-11-28 01:08:38.462119+00', 0, 8, NULL, '2026-11-28 01:08:38.462119+00', '2026-11-28 01:08:38.462119+00', 'deliver:1', NULL, NULL, 0, NULL, DEFAULT),
	(371, NULL, 1, '{"job": "send", "delivery": 2}', -10, '2026-11-28 01:08:38.462119+00', 0, 8, NULL, '2026-11-28 01:08:38.462119+00', '2026-11-28 01:08:38.462119+00', 'send:2', NULL, NULL, 0, NULL, DEFAULT),
	(372, NULL, 1, '{"job": "read_trail", "grant": 7}', -10, '2026-11-28 01:08:38.462119+00', 0, 8, NULL, '2026-11-28 01:08:38.462119+00', '2026-11-28 01:08:38.462119+00', 'trail:G-7', NULL, NULL, 0, NULL, DEFAULT),
	(373, NULL, 1, '{"job": "remediate", "plan": 7, "account": "441205839201"}', -10, '2026-11-28 01:08:38.462119+00', 0, 8, NULL, '2026-11-28 01:08:38.462119+00', '2026-11-28 01:08:38.462119+00', 'remediate:P-7:441205839201', NULL, NULL, 0, NULL, DEFAULT),
	(362, NULL, 2, '{"job": "check_account", "account": "458812704336"}', 20, '2026-11-28 01:08:38.460283+00', 0, 8, NULL, '2026-11-28 01:08:38.460283+00', '2026-11-28 01:08:38.460283+00', 'check:458812704336', NULL, NULL, 0, NULL, DEFAULT),
	(363, NULL, 2, '{"job": "check_account", "account": "561840927734"}', 20, '2026-11-28 01:08:38.460283+00', 0, 8, NULL, '2026-11-28 01:08:38.460283+00', '2026-11-28 01:08:38.460283+00', 'check:561840927734', NULL, NULL, 0, NULL, DEFAULT),
	(361, NULL, 2, '{"job": "check_account", "account": "441205839201"}', 20, '2026-11-28 01:08:38.462119+00', 0, 8, NULL, '2026-11-28 01:08:38.460283+00', '2026-11-28 01:08:38.462119+00', 'check:441205839201', NULL, NULL, 1, NULL, DEFAULT);

INSERT INTO graphile_worker._private_tasks OVERRIDING SYSTEM VALUE VALUES
	(1, 'claviger_awaited_job'),
	(2, 'claviger_job');

INSERT INTO graphile_worker._private_workers VALUES
	('graphile_worker_6a8217ff4a1b66ae8e', '2026-11-28 01:08:23.047787+00', '2026-11-28 01:08:23.02886+00', '{"pid": 9626}'),
	('graphile_worker_8c8795461a02dc3e5f', '2026-11-28 01:08:23.358936+00', '2026-11-28 01:08:22.976775+00', '{"pid": 9626}');

INSERT INTO graphile_worker.migrations VALUES
	(1, '2026-11-28 01:08:15.229889+00', true),
	(2, '2026-11-28 01:08:15.267515+00', false),
	(3, '2026-11-28 01:08:15.275378+00', true),
	(4, '2026-11-28 01:08:15.280379+00', false),
	(5, '2026-11-28 01:08:15.283159+00', false),
	(6, '2026-11-28 01:08:15.298137+00', false),
	(7, '2026-11-28 01:08:15.300054+00', false),
	(8, '2026-11-28 01:08:15.302265+00', false),
	(9, '2026-11-28 01:08:15.304988+00', false),
	(10, '2026-11-28 01:08:15.306288+00', false),
	(11, '2026-11-28 01:08:15.311568+00', true),
	(12, '2026-11-28 01:08:15.38426+00', false),
	(13, '2026-11-28 01:08:15.385628+00', true),
	(14, '2026-11-28 01:08:15.39304+00', true),
	(15, '2026-11-28 01:08:15.395879+00', false),
	(16, '2026-11-28 01:08:15.397905+00', true),
	(17, '2026-11-28 01:08:15.407488+00', false),
	(18, '2026-11-28 01:08:15.409944+00', false),
	(19, '2026-11-28 01:08:15.412584+00', false),
	(20, '2026-11-28 01:08:15.414163+00', false),
	(21, '2026-11-28 01:08:15.425815+00', false),
	(22, '2026-11-28 01:08:15.429799+00', false);

INSERT INTO public._sqlx_migrations VALUES
	(1, 'inventory', '2026-11-28 01:08:15.027085+00', true, '\x252caf8f50e7cbc0b1af8f9a5a44a729736562f3e44da9ccac8504a1b79a1087835982eb8ebdca94ccb704d8f6e79142', 11802297),
	(2, 'session', '2026-11-28 01:08:15.040166+00', true, '\x7b3d3d26085893e4445826baee7c320f792eb56d4b770ecfc19a025ce54f95e9aea97a5bc666387b6b6af0404676280f', 2389698),
	(3, 'audit', '2026-11-28 01:08:15.041871+00', true, '\xc24fb0412e1ef820e159eff302bc1c0b4e2ce2f1e2c953d2f1bdf877638f71b8c2129d5a775f597a7e00563f3159fc28', 4611038),
	(4, 'access', '2026-11-28 01:08:15.046609+00', true, '\x44d9211ff2e05490820ac9bb2f32b8da9540c348ed12efeef0c4308d2bfe4d5a404c3dd4c391a26856abaec85e31cda4', 25487572),
	(5, 'notice', '2026-11-28 01:08:15.072351+00', true, '\x89614bb30dd2bd20daabb5d1b6a992884a1ed3b57f55ac8b5c285ae5831d7f1a850a5005689df02c8b43bf610d2b9d3c', 3429218),
	(6, 'governance', '2026-11-28 01:08:15.075919+00', true, '\x3bef69bf1a2f7526b5b3db3015b14525aa11d0675c939e68c95a42b8346cf72daf57e7816b8836ebfc8744b596982972', 11880333),
	(7, 'remediation', '2026-11-28 01:08:15.087988+00', true, '\x7f792ff1cf2b66a95ac6d186dcd54b83210e719e21f83d44c680149ace4241370dabaf679198f9b0df0bffd1351f77c1', 7901241),
	(8, 'waiver', '2026-11-28 01:08:15.096022+00', true, '\xaf6730c2dc4b48bf49cd01ab7f0bd0bbbf88a672532e78a2f94c7160cf5ba16dbad5ea507909bc8454e11f47650edf41', 7745109),
	(9, 'overview', '2026-11-28 01:08:15.103897+00', true, '\x03ae0ade1cd8e1962e5a3fc32eedb377ea8ba52f2dd0b2a84d952b434194f1ddfa15a5594f5bdfce92d6ae6bdaf454e8', 3074863),
	(10, 'digest', '2026-11-28 01:08:15.107104+00', true, '\xbbb8bbc69961c2bb16be04bc856eeed4903167bcd579b0bcc018a30a6d0ea248f431f2fd13bd2f1cc034640ebcc1840d', 4668123),
	(11, 'judgement', '2026-11-28 01:08:15.11188+00', true, '\xae92d910060022ea7482c8ccfdff3d75e9c7912bda5cef846716d7eb0a98ed098e80c1437daf90d10e6a64aa855ee7dc', 2165277),
	(12, 'tag policy', '2026-11-28 01:08:15.114173+00', true, '\xcc100e17a1896046c6ebcbe0c2e1cc9f68bd8da0ba99556c5c12c948ad24ee087da237f3ce820beaa57f39e5f16abb9a', 5884644),
	(13, 'readiness', '2026-11-28 01:08:15.120163+00', true, '\x9e0308297642e337dd65b47c1c454c0466f2482800db007dc09315f46b25b208ef50c356cd45428d3e594f15c6852202', 3220378),
	(14, 'path reader', '2026-11-28 01:08:15.12359+00', true, '\x5cc7e7af29d6bfd28efffb9f5e3ce63c3b3e3023b97a94651c8a5825b9dfef960ccc6d658201d14038a0a97f739d6fcb', 4134523),
	(15, 'history', '2026-11-28 01:08:15.127829+00', true, '\x9280135ce72e1116890dd0f02a1a275d606447bf730164a11368498683dd17178124185ce0d187a5fd293c53ee338516', 1956898),
	(16, 'index', '2026-11-28 01:08:15.129897+00', true, '\xaa6047b0bfad4b8355494311c4d0ab64acd49538a4ef2474331a032f5d07d2c515f05dfb36169bc80f184b8d58818f66', 1446141),
	(17, 'views', '2026-11-28 01:08:15.131437+00', true, '\x9c31f4f6c292a7efaee3d0d707f92b5c45e07d4f15bd107afb982657f9609128f7547f485ea476de39f6dfa0bf660162', 4244336),
	(18, 'owners', '2026-11-28 01:08:15.135795+00', true, '\x1f0d6ced40633040822dc26489eee3ad6314b7cab88deb722cfa89c9109c753d3a66e6c05b36644c2bd937ad56f2fd2c', 807205),
	(19, 'regions and keys', '2026-11-28 01:08:15.136736+00', true, '\x738b79dc5f529c3659172d7eb920f959cc3af53cf761b1992312d194907af944528b50f43a1427accfbdf4652061a0a3', 1285674),
	(20, 'parameter tags', '2026-11-28 01:08:15.138117+00', true, '\x3603237c32bce6d165ac9794b2ac2f43669d298c4d43e1b1b745b3f037b6045bd8bfc5f0b2674020f4055aead4dac271', 5575436),
	(21, 'finding groups', '2026-11-28 01:08:15.1438+00', true, '\xc07a934e035b161864698b4a45b8a80e5346eaec651ee4a4bad5cd7738b7210afe5161b49b83df8981da5bfe9c673582', 2216612),
	(22, 'open scans', '2026-11-28 01:08:15.146126+00', true, '\x97a5c89223a178241691c3274033be4c4c42e09c3a5bbb5eaba00b9f225f975310618e69a9d6f001e63dc01824e5bd8a', 521052),
	(23, 'audit head', '2026-11-28 01:08:15.146732+00', true, '\x52be4c496990181a2cc5321bd06d51108806510f6e9af532c836e27a931f5951fac9318ab1ba30fa04a5678c5979aee3', 670843),
	(24, 'used state', '2026-11-28 01:08:15.147536+00', true, '\xb6baf01c237d3522eb53c09884c802f78c3cd41253e83c20145c0a2f3b42246c7de4768a6a4dac876eed5132ce41e5b3', 931809),
	(25, 'delivery', '2026-11-28 01:08:15.148556+00', true, '\x7b1c3d82128972ed3007112fb7f411bdea4b0dbc5a1fd82e66a07c6df71d4425eb620fcb337952bcb618abf00cacef6e', 2214148),
	(27, 'sign in', '2026-11-28 01:08:15.150881+00', true, '\x1106d227697203af6d9fac6c601f2f4075dcaa98587aca69d9f947eec43db2233e35c88c84afcf69c7e4a336aaa97dcd', 2876199),
	(31, 'details not read', '2026-11-28 01:08:15.153865+00', true, '\xd21eae2b550e2cb66f95e4da09174a832879c9729164a6238db2b4bc758eff0c5b35fba2aee30ad54eafbe14b8fd51f6', 2574362),
	(33, 'findings by resource', '2026-11-28 01:08:15.156579+00', true, '\x0b75f6398bdcc281f3c4a12fc405ff3c4038f44c3aa88e03c32e0ff1f3ae8e9f0febe6d46f655b3cf462388504ddef5a', 7937855),
	(36, 'scan lists', '2026-11-28 01:08:15.164693+00', true, '\xe99f5387e4b7ab9fafac442098ee966cc75742fe111032880dfa9e6a627cf1e3afb1ff98fbcb058a242e599bc2792a27', 1923448),
	(20261128000100, 'indexes of resources', '2026-11-28 01:08:15.16671+00', true, '\xc921c62c3849fbf176aaee733baaff17d0dc3c0544913eae7df36755c7b3061fc3adfc5ef0b5408630b848539fe9364a', 849928);

INSERT INTO public.access_decision VALUES
	(2, 'ada', '{"at": [2026, 325, 6, 28, 31, 963809419, 0, 0, 0], "by": {"name": "ada", "email": "ada@example.com", "subject": "ada"}, "hash": "bb59dac898e5c94153af1ddc6cb382e7d8d017b0dfb2ceb98e067cfd0b0d3056", "step": 0, "reason": null, "minutes": null, "verdict": "approve"}', '2026-11-21 06:28:31.963809+00'),
	(3, 'tomas', '{"at": [2026, 325, 6, 28, 31, 963809419, 0, 0, 0], "by": {"name": "tomas", "email": "tomas@example.com", "subject": "tomas"}, "hash": "93265fef5e6295c19a1e94d3375ec9501f4125b31b6008d8ea443a329fddf5e8", "step": 0, "reason": null, "minutes": null, "verdict": "approve"}', '2026-11-21 06:28:31.963809+00'),
	(4, 'tomas', '{"at": [2026, 325, 6, 28, 31, 963809419, 0, 0, 0], "by": {"name": "tomas", "email": "tomas@example.com", "subject": "tomas"}, "hash": "e8cbb65cf44e4a55e02ee3d948b1993a91d4c2873bf1d120091247f2e765e200", "step": 0, "reason": null, "minutes": null, "verdict": "approve"}', '2026-11-21 06:28:31.963809+00'),
	(5, 'tomas', '{"at": [2026, 325, 6, 28, 31, 963809419, 0, 0, 0], "by": {"name": "tomas", "email": "tomas@example.com", "subject": "tomas"}, "hash": "9c0325e29cf949d6115c2cebd39fa5774b0baa3f5e3d0bdf25812a7ad977687b", "step": 0, "reason": "Not now.", "minutes": null, "verdict": "deny"}', '2026-11-21 06:28:31.963809+00'),
	(7, 'tomas', '{"at": [2026, 325, 6, 28, 31, 963809419, 0, 0, 0], "by": {"name": "tomas", "email": "tomas@example.com", "subject": "tomas"}, "hash": "7e7b803d6f87f15d34d939c72062de8f51032309ed62fd52ee8ad04c685885c5", "step": 0, "reason": null, "minutes": null, "verdict": "approve"}', '2026-11-21 06:28:31.963809+00'),
	(8, 'tomas', '{"at": [2026, 325, 6, 28, 31, 963809419, 0, 0, 0], "by": {"name": "tomas", "email": "tomas@example.com", "subject": "tomas"}, "hash": "eb388e9f92ac3aaf398ad3fd6de4f9e18eb393294408f713f0c17660dcb63380", "step": 0, "reason": null, "minutes": null, "verdict": "approve"}', '2026-11-21 06:28:31.963809+00'),
	(12, 'tomas', '{"at": [2026, 325, 6, 28, 31, 963809419, 0, 0, 0], "by": {"name": "tomas", "email": "tomas@example.com", "subject": "tomas"}, "hash": "014d028997a4aaada632b7e60a22dc74a7366b2ef3cc9612cbb54ce238f63387", "step": 0, "reason": null, "minutes": null, "verdict": "approve"}', '2026-11-21 06:28:31.963809+00'),
	(13, 'tomas', '{"at": [2026, 325, 6, 28, 31, 963809419, 0, 0, 0], "by": {"name": "tomas", "email": "tomas@example.com", "subject": "tomas"}, "hash": "bf96f1967f85bb20a8c90c8bb3587617479808a1811dbf6306e80b562b8caf62", "step": 0, "reason": null, "minutes": null, "verdict": "approve"}', '2026-11-21 06:28:31.963809+00'),
	(15, 'tomas', '{"at": [2096, 308, 8, 58, 31, 963809419, 0, 0, 0], "by": {"name": "tomas", "email": "tomas@example.com", "subject": "tomas"}, "hash": "70280e26c694675558ccf30cf27e12c64be255f0f43dae86d75ec7daac9f733c", "step": 0, "reason": null, "minutes": null, "verdict": "approve"}', '2096-11-03 08:58:31.963809+00'),
	(16, 'tomas', '{"at": [2096, 308, 8, 58, 31, 963809419, 0, 0, 0], "by": {"name": "tomas", "email": "tomas@example.com", "subject": "tomas"}, "hash": "6f9e5cf70bb00e71842a4b07ed8ad5d06c33909f327c37ac7499ac8b07014653", "step": 0, "reason": null, "minutes": null, "verdict": "approve"}', '2096-11-03 08:58:31.963809+00');

INSERT INTO public.access_denial VALUES
	(7, '441205839201', 'G-7-abfcfee76bef', '2026-11-21 06:28:31.963809+00', '2026-11-21 06:58:31.963809+00', '2026-11-21 06:28:31.963809+00', '2026-11-21 06:28:31.963809+00', '2026-11-21 06:58:31.963809+00', NULL, false),
	(13, '441205839201', 'G-13-e63be7b730a4', '2026-11-21 06:28:31.963809+00', '2026-11-21 07:28:31.963809+00', '2026-11-21 06:28:31.963809+00', '2026-11-21 06:28:31.963809+00', '2026-11-21 08:58:31.963809+00', NULL, false),
	(16, '441205839201', 'G-16-9303b5bc280b', '2096-11-03 08:58:31.963809+00', '2096-11-03 09:58:31.963809+00', NULL, NULL, NULL, NULL, false);

INSERT INTO public.access_grant OVERRIDING SYSTEM VALUE VALUES
	(1, 1, '441205839201', 'mira', '{"name": "Production", "tags": {"owner": "payments"}, "kinds": ["secret", "parameter"], "scope": {"ou": "Workloads/Production"}, "steps": [{"name": "One", "quorum": 1, "approvers": ["owner", "parent-ou", {"role": "security-admin"}]}], "ticket": "PAY-[0-9]+", "actions": ["read", "write", "rotate"], "break_glass": {"longest_minutes": 60}, "auto_approve": null, "claim_minutes": 52560000, "decide_minutes": 52560000, "longest_minutes": 10080}', '{"state": "requested", "expires_at": [2126, 301, 6, 28, 31, 963809419, 0, 0, 0]}', 'requested', '2126-10-28 06:28:31.963809+00', 30, 'G-1-6bda95568080', 0, '2051-11-15 06:28:31.963809+00', false, '2026-11-21 06:28:31.963809+00'),
	(2, 2, '561840927734', 'mira', '{"name": "Sandbox", "tags": {}, "kinds": ["secret"], "scope": {"ou": "Sandbox"}, "steps": [{"name": "Two", "quorum": 2, "approvers": [{"role": "security-admin"}, {"team": "approvers"}]}], "ticket": null, "actions": ["read"], "break_glass": null, "auto_approve": {"longest_minutes": 10}, "claim_minutes": 52560000, "decide_minutes": 52560000, "longest_minutes": 60}', '{"state": "requested", "expires_at": [2126, 301, 6, 28, 31, 963809419, 0, 0, 0]}', 'requested', '2126-10-28 06:28:31.963809+00', 30, 'G-2-2b7e08860317', 0, '2051-11-15 06:28:31.963809+00', false, '2026-11-21 06:28:31.963809+00'),
	(3, 3, '441205839201', 'mira', '{"name": "Production", "tags": {"owner": "payments"}, "kinds": ["secret", "parameter"], "scope": {"ou": "Workloads/Production"}, "steps": [{"name": "One", "quorum": 1, "approvers": ["owner", "parent-ou", {"role": "security-admin"}]}], "ticket": "PAY-[0-9]+", "actions": ["read", "write", "rotate"], "break_glass": {"longest_minutes": 60}, "auto_approve": null, "claim_minutes": 52560000, "decide_minutes": 52560000, "longest_minutes": 10080}', '{"state": "approved", "starts_at": [2026, 345, 15, 0, 0, 0, 0, 0, 0], "claim_until": [2126, 321, 15, 0, 0, 0, 0, 0, 0]}', 'approved', '2026-12-11 15:00:00+00', 30, 'G-3-046afd7e4402', 0, NULL, false, '2026-11-21 06:28:31.963809+00'),
	(4, 4, '441205839201', 'mira', '{"name": "Production", "tags": {"owner": "payments"}, "kinds": ["secret", "parameter"], "scope": {"ou": "Workloads/Production"}, "steps": [{"name": "One", "quorum": 1, "approvers": ["owner", "parent-ou", {"role": "security-admin"}]}], "ticket": "PAY-[0-9]+", "actions": ["read", "write", "rotate"], "break_glass": {"longest_minutes": 60}, "auto_approve": null, "claim_minutes": 52560000, "decide_minutes": 52560000, "longest_minutes": 10080}', '{"state": "claimable", "claim_until": [2126, 301, 6, 28, 31, 963809419, 0, 0, 0]}', 'claimable', '2126-10-28 06:28:31.963809+00', 30, 'G-4-3c493c452611', 0, NULL, false, '2026-11-21 06:28:31.963809+00'),
	(5, 5, '441205839201', 'mira', '{"name": "Production", "tags": {"owner": "payments"}, "kinds": ["secret", "parameter"], "scope": {"ou": "Workloads/Production"}, "steps": [{"name": "One", "quorum": 1, "approvers": ["owner", "parent-ou", {"role": "security-admin"}]}], "ticket": "PAY-[0-9]+", "actions": ["read", "write", "rotate"], "break_glass": {"longest_minutes": 60}, "auto_approve": null, "claim_minutes": 52560000, "decide_minutes": 52560000, "longest_minutes": 10080}', '{"at": [2026, 325, 6, 28, 31, 963809419, 0, 0, 0], "state": "denied"}', 'denied', NULL, 30, 'G-5-cce9bf872a2e', 0, NULL, false, '2026-11-21 06:28:31.963809+00'),
	(6, 6, '561840927734', 'mira', '{"name": "Sandbox", "tags": {}, "kinds": ["secret"], "scope": {"ou": "Sandbox"}, "steps": [{"name": "Two", "quorum": 2, "approvers": [{"role": "security-admin"}, {"team": "approvers"}]}], "ticket": null, "actions": ["read"], "break_glass": null, "auto_approve": {"longest_minutes": 10}, "claim_minutes": 52560000, "decide_minutes": 52560000, "longest_minutes": 60}', '{"state": "claimable", "claim_until": [2126, 301, 6, 28, 31, 963809419, 0, 0, 0]}', 'claimable', '2126-10-28 06:28:31.963809+00', 5, 'G-6-5e38aed88b58', 0, NULL, false, '2026-11-21 06:28:31.963809+00'),
	(7, 7, '441205839201', 'mira', '{"name": "Production", "tags": {"owner": "payments"}, "kinds": ["secret", "parameter"], "scope": {"ou": "Workloads/Production"}, "steps": [{"name": "One", "quorum": 1, "approvers": ["owner", "parent-ou", {"role": "security-admin"}]}], "ticket": "PAY-[0-9]+", "actions": ["read", "write", "rotate"], "break_glass": {"longest_minutes": 60}, "auto_approve": null, "claim_minutes": 52560000, "decide_minutes": 52560000, "longest_minutes": 10080}', '{"at": [2026, 325, 6, 28, 31, 963809419, 0, 0, 0], "why": "given-back", "state": "ended"}', 'given-back', NULL, 30, 'G-7-abfcfee76bef', 0, NULL, false, '2026-11-21 06:28:31.963809+00'),
	(8, 8, '441205839201', 'mira', '{"name": "Production", "tags": {"owner": "payments"}, "kinds": ["secret", "parameter"], "scope": {"ou": "Workloads/Production"}, "steps": [{"name": "One", "quorum": 1, "approvers": ["owner", "parent-ou", {"role": "security-admin"}]}], "ticket": "PAY-[0-9]+", "actions": ["read", "write", "rotate"], "break_glass": {"longest_minutes": 60}, "auto_approve": null, "claim_minutes": 52560000, "decide_minutes": 52560000, "longest_minutes": 10080}', '{"at": [2026, 325, 6, 58, 31, 963809419, 0, 0, 0], "why": "time", "state": "ended"}', 'ended', NULL, 30, 'G-8-0156f9c09006', 0, NULL, false, '2026-11-21 06:28:31.963809+00'),
	(9, 9, '441205839201', 'mira', '{"name": "Production", "tags": {"owner": "payments"}, "kinds": ["secret", "parameter"], "scope": {"ou": "Workloads/Production"}, "steps": [{"name": "One", "quorum": 1, "approvers": ["owner", "parent-ou", {"role": "security-admin"}]}], "ticket": "PAY-[0-9]+", "actions": ["read", "write", "rotate"], "break_glass": {"longest_minutes": 60}, "auto_approve": null, "claim_minutes": 52560000, "decide_minutes": 52560000, "longest_minutes": 10080}', '{"at": [2026, 325, 6, 28, 31, 963809419, 0, 0, 0], "why": "given-back", "state": "ended"}', 'given-back', NULL, 30, 'G-9-3fcaf70ace9e', 0, NULL, false, '2026-11-21 06:28:31.963809+00'),
	(10, 10, '441205839201', 'mira', '{"name": "Production", "tags": {"owner": "payments"}, "kinds": ["secret", "parameter"], "scope": {"ou": "Workloads/Production"}, "steps": [{"name": "One", "quorum": 1, "approvers": ["owner", "parent-ou", {"role": "security-admin"}]}], "ticket": "PAY-[0-9]+", "actions": ["read", "write", "rotate"], "break_glass": {"longest_minutes": 60}, "auto_approve": null, "claim_minutes": 52560000, "decide_minutes": 52560000, "longest_minutes": 10080}', '{"at": [2026, 325, 6, 58, 31, 963809419, 0, 0, 0], "why": "time", "state": "ended"}', 'ended', NULL, 30, 'G-10-e7145739e673', 0, NULL, false, '2026-11-21 06:28:31.963809+00'),
	(14, 14, '441205839201', 'mira', '{"name": "Production", "tags": {"owner": "payments"}, "kinds": ["secret", "parameter"], "scope": {"ou": "Workloads/Production"}, "steps": [{"name": "One", "quorum": 1, "approvers": ["owner", "parent-ou", {"role": "security-admin"}]}], "ticket": "PAY-[0-9]+", "actions": ["read", "write", "rotate"], "break_glass": {"longest_minutes": 60}, "auto_approve": null, "claim_minutes": 52560000, "decide_minutes": 52560000, "longest_minutes": 10080}', '{"state": "requested", "expires_at": [2126, 301, 6, 28, 31, 963809419, 0, 0, 0]}', 'requested', '2126-10-28 06:28:31.963809+00', 30, 'G-14-63571ee58f04', 0, '2051-11-15 06:28:31.963809+00', false, '2026-11-21 06:28:31.963809+00'),
	(11, 11, '441205839201', 'mira', '{"name": "Production", "tags": {"owner": "payments"}, "kinds": ["secret", "parameter"], "scope": {"ou": "Workloads/Production"}, "steps": [{"name": "One", "quorum": 1, "approvers": ["owner", "parent-ou", {"role": "security-admin"}]}], "ticket": "PAY-[0-9]+", "actions": ["read", "write", "rotate"], "break_glass": {"longest_minutes": 60}, "auto_approve": null, "claim_minutes": 52560000, "decide_minutes": 52560000, "longest_minutes": 10080}', '{"at": [2026, 325, 6, 58, 31, 963809419, 0, 0, 0], "why": "time", "state": "ended"}', 'ended', NULL, 30, 'G-11-7aa62c08fa09', 0, NULL, false, '2026-11-21 06:28:31.963809+00'),
	(13, 13, '441205839201', 'mira', '{"name": "Production", "tags": {"owner": "payments"}, "kinds": ["secret", "parameter"], "scope": {"ou": "Workloads/Production"}, "steps": [{"name": "One", "quorum": 1, "approvers": ["owner", "parent-ou", {"role": "security-admin"}]}], "ticket": "PAY-[0-9]+", "actions": ["read", "write", "rotate"], "break_glass": {"longest_minutes": 60}, "auto_approve": null, "claim_minutes": 52560000, "decide_minutes": 52560000, "longest_minutes": 10080}', '{"at": [2026, 325, 6, 28, 31, 963809419, 0, 0, 0], "why": "revoked", "state": "ended"}', 'revoked', NULL, 60, 'G-13-e63be7b730a4', 0, NULL, false, '2026-11-21 06:28:31.963809+00'),
	(12, 12, '441205839201', 'mira', '{"name": "Production", "tags": {"owner": "payments"}, "kinds": ["secret", "parameter"], "scope": {"ou": "Workloads/Production"}, "steps": [{"name": "One", "quorum": 1, "approvers": ["owner", "parent-ou", {"role": "security-admin"}]}], "ticket": "PAY-[0-9]+", "actions": ["read", "write", "rotate"], "break_glass": {"longest_minutes": 60}, "auto_approve": null, "claim_minutes": 52560000, "decide_minutes": 52560000, "longest_minutes": 10080}', '{"at": [2026, 325, 6, 43, 31, 963809419, 0, 0, 0], "why": "time", "state": "ended"}', 'ended', NULL, 15, 'G-12-bd6b07883e67', 0, NULL, false, '2026-11-21 06:28:31.963809+00'),
	(15, 15, '441205839201', 'mira', '{"name": "Production", "tags": {"owner": "payments"}, "kinds": ["secret", "parameter"], "scope": {"ou": "Workloads/Production"}, "steps": [{"name": "One", "quorum": 1, "approvers": ["owner", "parent-ou", {"role": "security-admin"}]}], "ticket": "PAY-[0-9]+", "actions": ["read", "write", "rotate"], "break_glass": {"longest_minutes": 60}, "auto_approve": null, "claim_minutes": 52560000, "decide_minutes": 52560000, "longest_minutes": 10080}', '{"since": [2096, 308, 8, 58, 31, 963809419, 0, 0, 0], "state": "active", "until": [2096, 315, 8, 58, 31, 963809419, 0, 0, 0]}', 'active', '2096-11-10 08:58:31.963809+00', 10080, 'G-15-ed1cf0310c5a', 0, NULL, false, '2096-11-03 08:58:31.963809+00'),
	(16, 16, '441205839201', 'mira', '{"name": "Production", "tags": {"owner": "payments"}, "kinds": ["secret", "parameter"], "scope": {"ou": "Workloads/Production"}, "steps": [{"name": "One", "quorum": 1, "approvers": ["owner", "parent-ou", {"role": "security-admin"}]}], "ticket": "PAY-[0-9]+", "actions": ["read", "write", "rotate"], "break_glass": {"longest_minutes": 60}, "auto_approve": null, "claim_minutes": 52560000, "decide_minutes": 52560000, "longest_minutes": 10080}', '{"at": [2096, 308, 8, 58, 31, 963809419, 0, 0, 0], "why": "revoked", "state": "ended"}', 'revoked', NULL, 10080, 'G-16-9303b5bc280b', 0, NULL, false, '2096-11-03 08:58:31.963809+00');

INSERT INTO public.access_grant_resource VALUES
	(1, 0, '01a21fb2-5be0-715d-b4aa-6ac8445d5a01', '{"id": "01a21fb2-5be0-715d-b4aa-6ac8445d5a01", "arn": "arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/ledger-AbCdEf", "key": null, "kind": "secret", "name": "payments/ledger", "region": "us-east-1", "owner_team": "payments-engineers"}'),
	(2, 0, '01a21fb2-5cb7-7476-8f18-e2955cb79294', '{"id": "01a21fb2-5cb7-7476-8f18-e2955cb79294", "arn": "arn:aws:secretsmanager:us-east-1:561840927734:secret:ml/openai-AbCdEf", "key": null, "kind": "secret", "name": "ml/openai", "region": "us-east-1", "owner_team": "payments-engineers"}'),
	(3, 0, '01a21fb2-5be0-715d-b4aa-6ac8445d5a01', '{"id": "01a21fb2-5be0-715d-b4aa-6ac8445d5a01", "arn": "arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/ledger-AbCdEf", "key": null, "kind": "secret", "name": "payments/ledger", "region": "us-east-1", "owner_team": "payments-engineers"}'),
	(4, 0, '01a21fb2-5be0-715d-b4aa-6ac972eb418b', '{"id": "01a21fb2-5be0-715d-b4aa-6ac972eb418b", "arn": "arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/kafka-AbCdEf", "key": null, "kind": "secret", "name": "payments/kafka", "region": "us-east-1", "owner_team": "payments-engineers"}'),
	(5, 0, '01a21fb2-5be0-715d-b4aa-6ac8445d5a01', '{"id": "01a21fb2-5be0-715d-b4aa-6ac8445d5a01", "arn": "arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/ledger-AbCdEf", "key": null, "kind": "secret", "name": "payments/ledger", "region": "us-east-1", "owner_team": "payments-engineers"}'),
	(6, 0, '01a21fb2-5cb7-7476-8f18-e2955cb79294', '{"id": "01a21fb2-5cb7-7476-8f18-e2955cb79294", "arn": "arn:aws:secretsmanager:us-east-1:561840927734:secret:ml/openai-AbCdEf", "key": null, "kind": "secret", "name": "ml/openai", "region": "us-east-1", "owner_team": "payments-engineers"}'),
	(7, 0, '01a21fb2-5be0-715d-b4aa-6ac8445d5a01', '{"id": "01a21fb2-5be0-715d-b4aa-6ac8445d5a01", "arn": "arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/ledger-AbCdEf", "key": null, "kind": "secret", "name": "payments/ledger", "region": "us-east-1", "owner_team": "payments-engineers"}'),
	(8, 0, '01a21fb2-5be0-715d-b4aa-6ac8445d5a01', '{"id": "01a21fb2-5be0-715d-b4aa-6ac8445d5a01", "arn": "arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/ledger-AbCdEf", "key": null, "kind": "secret", "name": "payments/ledger", "region": "us-east-1", "owner_team": "payments-engineers"}'),
	(9, 0, '01a21fb2-5be0-715d-b4aa-6ac8445d5a01', '{"id": "01a21fb2-5be0-715d-b4aa-6ac8445d5a01", "arn": "arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/ledger-AbCdEf", "key": null, "kind": "secret", "name": "payments/ledger", "region": "us-east-1", "owner_team": "payments-engineers"}'),
	(10, 0, '01a21fb2-5be0-715d-b4aa-6ac8445d5a01', '{"id": "01a21fb2-5be0-715d-b4aa-6ac8445d5a01", "arn": "arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/ledger-AbCdEf", "key": null, "kind": "secret", "name": "payments/ledger", "region": "us-east-1", "owner_team": "payments-engineers"}'),
	(11, 0, '01a21fb2-5be0-715d-b4aa-6ac8445d5a01', '{"id": "01a21fb2-5be0-715d-b4aa-6ac8445d5a01", "arn": "arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/ledger-AbCdEf", "key": null, "kind": "secret", "name": "payments/ledger", "region": "us-east-1", "owner_team": "payments-engineers"}'),
	(12, 0, '01a21fb2-5bee-74f6-93de-84273c88cb18', '{"id": "01a21fb2-5bee-74f6-93de-84273c88cb18", "arn": "arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/stripe-AbCdEf", "key": "alias/payments", "kind": "secret", "name": "payments/stripe", "region": "us-east-1", "owner_team": "payments-engineers"}'),
	(13, 0, '01a21fb2-5bee-74f6-93de-84273c88cb18', '{"id": "01a21fb2-5bee-74f6-93de-84273c88cb18", "arn": "arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/stripe-AbCdEf", "key": "alias/payments", "kind": "secret", "name": "payments/stripe", "region": "us-east-1", "owner_team": "payments-engineers"}'),
	(14, 0, '01a21fb2-5bee-74f6-93de-84273c88cb18', '{"id": "01a21fb2-5bee-74f6-93de-84273c88cb18", "arn": "arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/stripe-AbCdEf", "key": "alias/payments", "kind": "secret", "name": "payments/stripe", "region": "us-east-1", "owner_team": "payments-engineers"}'),
	(15, 0, '01a21fb2-5be0-715d-b4aa-6ac8445d5a01', '{"id": "01a21fb2-5be0-715d-b4aa-6ac8445d5a01", "arn": "arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/ledger-AbCdEf", "key": null, "kind": "secret", "name": "payments/ledger", "region": "us-east-1", "owner_team": "payments-engineers"}'),
	(16, 0, '01a21fb2-5be0-715d-b4aa-6ac972eb418b', '{"id": "01a21fb2-5be0-715d-b4aa-6ac972eb418b", "arn": "arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/kafka-AbCdEf", "key": null, "kind": "secret", "name": "payments/kafka", "region": "us-east-1", "owner_team": "payments-engineers"}');

INSERT INTO public.access_request OVERRIDING SYSTEM VALUE VALUES
	(1, 'mira', '{"action": "read", "ticket": "PAY-1", "extends": null, "minutes": 30, "purpose": "Reconcile the ledger.", "requester": {"name": "mira", "email": "mira@example.com", "subject": "mira"}, "starts_at": null, "created_at": [2026, 325, 6, 28, 31, 963809419, 0, 0, 0], "break_glass": false}', '9c0325e29cf949d6115c2cebd39fa5774b0baa3f5e3d0bdf25812a7ad977687b', '2026-11-21 06:28:31.963809+00'),
	(2, 'mira', '{"action": "read", "ticket": "PAY-1", "extends": null, "minutes": 30, "purpose": "Reconcile the ledger.", "requester": {"name": "mira", "email": "mira@example.com", "subject": "mira"}, "starts_at": null, "created_at": [2026, 325, 6, 28, 31, 963809419, 0, 0, 0], "break_glass": false}', 'bb59dac898e5c94153af1ddc6cb382e7d8d017b0dfb2ceb98e067cfd0b0d3056', '2026-11-21 06:28:31.963809+00'),
	(3, 'mira', '{"action": "read", "ticket": "PAY-1", "extends": null, "minutes": 30, "purpose": "Reconcile the ledger.", "requester": {"name": "mira", "email": "mira@example.com", "subject": "mira"}, "starts_at": [2026, 345, 15, 0, 0, 0, 0, 0, 0], "created_at": [2026, 325, 6, 28, 31, 963809419, 0, 0, 0], "break_glass": false}', '93265fef5e6295c19a1e94d3375ec9501f4125b31b6008d8ea443a329fddf5e8', '2026-11-21 06:28:31.963809+00'),
	(4, 'mira', '{"action": "read", "ticket": "PAY-1", "extends": null, "minutes": 30, "purpose": "Reconcile the ledger.", "requester": {"name": "mira", "email": "mira@example.com", "subject": "mira"}, "starts_at": null, "created_at": [2026, 325, 6, 28, 31, 963809419, 0, 0, 0], "break_glass": false}', 'e8cbb65cf44e4a55e02ee3d948b1993a91d4c2873bf1d120091247f2e765e200', '2026-11-21 06:28:31.963809+00'),
	(5, 'mira', '{"action": "read", "ticket": "PAY-1", "extends": null, "minutes": 30, "purpose": "Reconcile the ledger.", "requester": {"name": "mira", "email": "mira@example.com", "subject": "mira"}, "starts_at": null, "created_at": [2026, 325, 6, 28, 31, 963809419, 0, 0, 0], "break_glass": false}', '9c0325e29cf949d6115c2cebd39fa5774b0baa3f5e3d0bdf25812a7ad977687b', '2026-11-21 06:28:31.963809+00'),
	(6, 'mira', '{"action": "read", "ticket": "PAY-1", "extends": null, "minutes": 5, "purpose": "Reconcile the ledger.", "requester": {"name": "mira", "email": "mira@example.com", "subject": "mira"}, "starts_at": null, "created_at": [2026, 325, 6, 28, 31, 963809419, 0, 0, 0], "break_glass": false}', 'dda0b89144262d8a7ba068dd85d5710387a1cbc3c418b8345b9494d68be787f2', '2026-11-21 06:28:31.963809+00'),
	(7, 'mira', '{"action": "write", "ticket": "PAY-1", "extends": null, "minutes": 30, "purpose": "Reconcile the ledger.", "requester": {"name": "mira", "email": "mira@example.com", "subject": "mira"}, "starts_at": null, "created_at": [2026, 325, 6, 28, 31, 963809419, 0, 0, 0], "break_glass": false}', '7e7b803d6f87f15d34d939c72062de8f51032309ed62fd52ee8ad04c685885c5', '2026-11-21 06:28:31.963809+00'),
	(8, 'mira', '{"action": "rotate", "ticket": "PAY-1", "extends": null, "minutes": 30, "purpose": "Reconcile the ledger.", "requester": {"name": "mira", "email": "mira@example.com", "subject": "mira"}, "starts_at": null, "created_at": [2026, 325, 6, 28, 31, 963809419, 0, 0, 0], "break_glass": false}', 'eb388e9f92ac3aaf398ad3fd6de4f9e18eb393294408f713f0c17660dcb63380', '2026-11-21 06:28:31.963809+00'),
	(9, 'mira', '{"action": "read", "ticket": "PAY-1", "extends": null, "minutes": 30, "purpose": "Reconcile the ledger.", "requester": {"name": "mira", "email": "mira@example.com", "subject": "mira"}, "starts_at": null, "created_at": [2026, 325, 6, 28, 31, 963809419, 0, 0, 0], "break_glass": false}', '9c0325e29cf949d6115c2cebd39fa5774b0baa3f5e3d0bdf25812a7ad977687b', '2026-11-21 06:28:31.963809+00'),
	(10, 'mira', '{"action": "read", "ticket": "PAY-1", "extends": null, "minutes": 30, "purpose": "Reconcile the ledger.", "requester": {"name": "mira", "email": "mira@example.com", "subject": "mira"}, "starts_at": null, "created_at": [2026, 325, 6, 28, 31, 963809419, 0, 0, 0], "break_glass": true}', '65d7d68e1531f692e80022c32512f4c639035615d6ffa6b771812b68bde612f5', '2026-11-21 06:28:31.963809+00'),
	(11, 'mira', '{"action": "read", "ticket": "PAY-1", "extends": null, "minutes": 30, "purpose": "Reconcile the ledger.", "requester": {"name": "mira", "email": "mira@example.com", "subject": "mira"}, "starts_at": null, "created_at": [2026, 325, 6, 28, 31, 963809419, 0, 0, 0], "break_glass": true}', '65d7d68e1531f692e80022c32512f4c639035615d6ffa6b771812b68bde612f5', '2026-11-21 06:28:31.963809+00'),
	(12, 'mira', '{"action": "read", "ticket": "PAY-1", "extends": null, "minutes": 15, "purpose": "Reconcile the ledger.", "requester": {"name": "mira", "email": "mira@example.com", "subject": "mira"}, "starts_at": null, "created_at": [2026, 325, 6, 28, 31, 963809419, 0, 0, 0], "break_glass": false}', '014d028997a4aaada632b7e60a22dc74a7366b2ef3cc9612cbb54ce238f63387', '2026-11-21 06:28:31.963809+00'),
	(13, 'mira', '{"action": "read", "ticket": "PAY-1", "extends": null, "minutes": 60, "purpose": "Reconcile the ledger.", "requester": {"name": "mira", "email": "mira@example.com", "subject": "mira"}, "starts_at": null, "created_at": [2026, 325, 6, 28, 31, 963809419, 0, 0, 0], "break_glass": false}', 'bf96f1967f85bb20a8c90c8bb3587617479808a1811dbf6306e80b562b8caf62', '2026-11-21 06:28:31.963809+00'),
	(14, 'mira', '{"action": "read", "ticket": "PAY-1", "extends": 12, "minutes": 30, "purpose": "Reconcile the ledger.", "requester": {"name": "mira", "email": "mira@example.com", "subject": "mira"}, "starts_at": null, "created_at": [2026, 325, 6, 28, 31, 963809419, 0, 0, 0], "break_glass": false}', 'd1e3861a2922983b299ba17680e4176408c6720540f42648c7d9bec356eaeec5', '2026-11-21 06:28:31.963809+00'),
	(15, 'mira', '{"action": "read", "ticket": "PAY-1", "extends": null, "minutes": 10080, "purpose": "Reconcile the ledger.", "requester": {"name": "mira", "email": "mira@example.com", "subject": "mira"}, "starts_at": null, "created_at": [2096, 308, 8, 58, 31, 963809419, 0, 0, 0], "break_glass": false}', '70280e26c694675558ccf30cf27e12c64be255f0f43dae86d75ec7daac9f733c', '2096-11-03 08:58:31.963809+00'),
	(16, 'mira', '{"action": "read", "ticket": "PAY-1", "extends": null, "minutes": 10080, "purpose": "Reconcile the ledger.", "requester": {"name": "mira", "email": "mira@example.com", "subject": "mira"}, "starts_at": null, "created_at": [2096, 308, 8, 58, 31, 963809419, 0, 0, 0], "break_glass": false}', '6f9e5cf70bb00e71842a4b07ed8ad5d06c33909f327c37ac7499ac8b07014653', '2096-11-03 08:58:31.963809+00');

INSERT INTO public.access_review VALUES
	(10, '2026-11-21 06:28:31.963809+00', '2026-11-21 06:28:31.963809+00', '{"name": "ada", "email": "ada@example.com", "subject": "ada"}', 'It was needed.'),
	(11, '2026-11-21 06:28:31.963809+00', NULL, NULL, NULL);

INSERT INTO public.access_session VALUES
	('01a21fb2-6f1b-7696-840b-d087946afb3e', 7, 'put', '2026-11-21 06:28:31.963809+00', '2026-11-21 06:58:31.963809+00', '2026-11-21 06:28:31.963809+00', 'ASIA0000000000000001'),
	('01a21fb2-6f83-72a3-9450-7d91129edc35', 8, 'rotate', '2026-11-21 06:28:31.963809+00', '2026-11-21 06:58:31.963809+00', '2026-11-21 06:28:31.963809+00', 'ASIA0000000000000002'),
	('01a21fb2-6fdc-7737-953a-cdd27580a402', 10, 'reveal', '2026-11-21 06:28:31.963809+00', '2026-11-21 06:58:31.963809+00', '2026-11-21 06:28:31.963809+00', 'ASIA0000000000000003'),
	('01a21fb2-703e-7619-b024-1c64272dbfd9', 11, 'reveal', '2026-11-21 06:28:31.963809+00', '2026-11-21 06:58:31.963809+00', '2026-11-21 06:28:31.963809+00', 'ASIA0000000000000004'),
	('01a21fb2-709c-7097-a3bd-7b2ff398407e', 12, 'client', '2026-11-21 06:28:31.963809+00', '2026-11-21 06:43:31.963809+00', '2026-11-21 06:28:31.963809+00', 'ASIA0000000000000005'),
	('01a21fb2-715f-707d-b954-a818af3ad1ae', 13, 'client', '2026-11-21 06:28:31.963809+00', '2026-11-21 07:28:31.963809+00', '2026-11-21 06:28:31.963809+00', 'ASIA0000000000000006'),
	('01a21fb2-7321-71ee-99d2-23965fdc2a01', 15, 'client', '2096-11-03 08:58:31.963809+00', '2096-11-03 09:58:31.963809+00', '2096-11-03 08:58:31.963809+00', 'ASIA0000000000000007'),
	('01a21fb2-7368-773f-9857-7191ddbbeb30', 16, 'client', '2096-11-03 08:58:31.963809+00', '2096-11-03 09:58:31.963809+00', '2096-11-03 08:58:31.963809+00', 'ASIA0000000000000008');

INSERT INTO public.access_trail VALUES
	(7, '2026-11-21 06:58:31.963809+00', true),
	(8, '2026-11-21 06:58:31.963809+00', true),
	(10, '2026-11-21 06:58:31.963809+00', true),
	(11, '2026-11-21 06:58:31.963809+00', true),
	(12, '2026-11-21 06:58:31.963809+00', true),
	(13, '2026-11-21 06:58:31.963809+00', true);

INSERT INTO public.access_trail_event VALUES
	('e-1', 12, '2026-11-21 06:28:31.963809+00', 'GetSecretValue', NULL, '192.0.2.1');

INSERT INTO public.account VALUES
	('441205839201', 'Payments Prod', '441205839201@example.com', 'ACTIVE', '{r-test,ou-work,ou-prod}', '2026-11-01 09:00:00+00', '2026-11-18 01:08:31.963809+00', NULL, '2026-11-18 01:08:31.963809+00', '2026-11-18 01:08:31.963809+00', NULL, 159496, 'EFeL9daBN0QTs8u07vMZh_9d4x5CXJ_II-EhgB18yHs', '{us-east-1,eu-west-1}', NULL),
	('458812704336', 'Checkout Prod', '458812704336@example.com', 'ACTIVE', '{r-test,ou-work,ou-prod}', '2026-11-01 09:00:00+00', '2026-11-18 01:08:31.963809+00', NULL, '2026-11-18 01:08:31.963809+00', '2026-11-18 01:08:31.963809+00', NULL, 159496, 'EFeL9daBN0QTs8u07vMZh_9d4x5CXJ_II-EhgB18yHs', '{us-east-1,eu-west-1}', NULL),
	('561840927734', 'Research Sandbox', '561840927734@example.com', 'ACTIVE', '{r-test,ou-sand}', '2026-11-01 09:00:00+00', '2026-11-18 01:08:31.963809+00', NULL, '2026-11-18 01:08:31.963809+00', '2026-11-18 01:08:31.963809+00', NULL, 159496, '8q4-Z25cRIJfNdRZY4Sjje9f17ZnOgCfYrfCpVKWQqY', '{us-east-1,eu-west-1}', NULL);

INSERT INTO public.audit_entry VALUES
	(1, '{"seq":1,"at":"2026-11-28T01:08:22.959039747Z","actor":null,"deed":"save-policy","phase":"done","subject":"public-policy","succeeded":null,"started":null,"detail":{"mode":"notify","severity":"critical","version":"1"}}', '\x0000000000000000000000000000000000000000000000000000000000000000', '\xbc741bc87a312bc121e3335fb8a6eb8e1a18483e8e1045c244d9f51ba1480b86', '2026-11-28 01:08:22.959039+00', 'save-policy', 'done', 'public-policy', NULL, NULL),
	(2, '{"seq":2,"at":"2026-11-28T01:08:22.959039747Z","actor":null,"deed":"save-policy","phase":"done","subject":"shared-outside","succeeded":null,"started":null,"detail":{"mode":"notify","severity":"critical","version":"1"}}', '\xbc741bc87a312bc121e3335fb8a6eb8e1a18483e8e1045c244d9f51ba1480b86', '\xeadfeee0b5e20eee8a05a8021bea50f32b36f07e996f0b9f728e34c2bc55384b', '2026-11-28 01:08:22.959039+00', 'save-policy', 'done', 'shared-outside', NULL, NULL),
	(3, '{"seq":3,"at":"2026-11-28T01:08:22.959039747Z","actor":null,"deed":"save-policy","phase":"done","subject":"rotation-failing","succeeded":null,"started":null,"detail":{"mode":"observe","severity":"high","version":"1"}}', '\xeadfeee0b5e20eee8a05a8021bea50f32b36f07e996f0b9f728e34c2bc55384b', '\xa15890936fee17048316f0e83fbabe4faa2792e4795f42998f53d0e5be05ba7f', '2026-11-28 01:08:22.959039+00', 'save-policy', 'done', 'rotation-failing', NULL, NULL),
	(4, '{"seq":4,"at":"2026-11-28T01:08:22.959039747Z","actor":null,"deed":"save-policy","phase":"done","subject":"rotation-stuck","succeeded":null,"started":null,"detail":{"mode":"notify","severity":"critical","version":"1"}}', '\xa15890936fee17048316f0e83fbabe4faa2792e4795f42998f53d0e5be05ba7f', '\xa7adabc60a2980e1d76a5167d11c4e572b4f5281537130ba3219dfbc7b6e614d', '2026-11-28 01:08:22.959039+00', 'save-policy', 'done', 'rotation-stuck', NULL, NULL),
	(5, '{"seq":5,"at":"2026-11-28T01:08:22.959039747Z","actor":null,"deed":"save-policy","phase":"done","subject":"rotation-enabled","succeeded":null,"started":null,"detail":{"mode":"observe","severity":"medium","version":"1"}}', '\xa7adabc60a2980e1d76a5167d11c4e572b4f5281537130ba3219dfbc7b6e614d', '\x84cb0491b7ff1fc47424c8609346b85ad74648d532b67b3b4c9e68e8fca4e7aa', '2026-11-28 01:08:22.959039+00', 'save-policy', 'done', 'rotation-enabled', NULL, NULL),
	(6, '{"seq":6,"at":"2026-11-28T01:08:22.959039747Z","actor":null,"deed":"save-policy","phase":"done","subject":"value-age","succeeded":null,"started":null,"detail":{"mode":"observe","severity":"medium","version":"1"}}', '\x84cb0491b7ff1fc47424c8609346b85ad74648d532b67b3b4c9e68e8fca4e7aa', '\x054d45ef7f4b743fa785ffdfc1445c377297c2b7a52866c03b2c30b7a049f509', '2026-11-28 01:08:22.959039+00', 'save-policy', 'done', 'value-age', NULL, NULL),
	(7, '{"seq":7,"at":"2026-11-28T01:08:22.959039747Z","actor":null,"deed":"save-policy","phase":"done","subject":"owner","succeeded":null,"started":null,"detail":{"mode":"observe","severity":"medium","version":"1"}}', '\x054d45ef7f4b743fa785ffdfc1445c377297c2b7a52866c03b2c30b7a049f509', '\xd2ba50f3bcaf56b778f1c42909d61007e1ff2a3c36628072c8e0ba6c57533642', '2026-11-28 01:08:22.959039+00', 'save-policy', 'done', 'owner', NULL, NULL),
	(8, '{"seq":8,"at":"2026-11-28T01:08:22.959039747Z","actor":null,"deed":"save-policy","phase":"done","subject":"tag-policy","succeeded":null,"started":null,"detail":{"mode":"observe","severity":"low","version":"1"}}', '\xd2ba50f3bcaf56b778f1c42909d61007e1ff2a3c36628072c8e0ba6c57533642', '\x4cd42c24ea05d14ca09905da36e502fd3d0c088dbf5241feae5e538581cd5146', '2026-11-28 01:08:22.959039+00', 'save-policy', 'done', 'tag-policy', NULL, NULL),
	(9, '{"seq":9,"at":"2026-11-28T01:08:22.959039747Z","actor":null,"deed":"save-policy","phase":"done","subject":"customer-managed-key","succeeded":null,"started":null,"detail":{"mode":"observe","severity":"low","version":"1"}}', '\x4cd42c24ea05d14ca09905da36e502fd3d0c088dbf5241feae5e538581cd5146', '\x2b36335ac8853080c7c71084577e29611e5a408067753e4ab20cac2db01956c9', '2026-11-28 01:08:22.959039+00', 'save-policy', 'done', 'customer-managed-key', NULL, NULL),
	(10, '{"seq":10,"at":"2026-11-28T01:08:22.959039747Z","actor":null,"deed":"save-policy","phase":"done","subject":"unused","succeeded":null,"started":null,"detail":{"mode":"observe","severity":"low","version":"1"}}', '\x2b36335ac8853080c7c71084577e29611e5a408067753e4ab20cac2db01956c9', '\x7b553f64727c76db0ae73bc43d857964e5dd7c3a02bbe7f84cddcb979519c2ef', '2026-11-28 01:08:22.959039+00', 'save-policy', 'done', 'unused', NULL, NULL),
	(11, '{"seq":11,"at":"2026-11-28T01:08:22.959039747Z","actor":null,"deed":"save-policy","phase":"done","subject":"plain-credential","succeeded":null,"started":null,"detail":{"mode":"observe","severity":"high","version":"1"}}', '\x7b553f64727c76db0ae73bc43d857964e5dd7c3a02bbe7f84cddcb979519c2ef', '\x1fd96bf5b33fd4a48d1fece3b1058b42134a5787f858ad82098477ed308231a4', '2026-11-28 01:08:22.959039+00', 'save-policy', 'done', 'plain-credential', NULL, NULL),
	(12, '{"seq":12,"at":"2026-11-28T01:08:22.959039747Z","actor":null,"deed":"save-policy","phase":"done","subject":"read-by-path","succeeded":null,"started":null,"detail":{"mode":"observe","severity":"high","version":"1"}}', '\x1fd96bf5b33fd4a48d1fece3b1058b42134a5787f858ad82098477ed308231a4', '\x8d19cd7d2f555c6f4c2512ec0432814438a98f8410ce68fa120825788e43ec6a', '2026-11-28 01:08:22.959039+00', 'save-policy', 'done', 'read-by-path', NULL, NULL),
	(13, '{"seq":13,"at":"2026-11-28T01:08:22.959039747Z","actor":null,"deed":"save-policy","phase":"done","subject":"replica-health","succeeded":null,"started":null,"detail":{"mode":"observe","severity":"high","version":"1"}}', '\x8d19cd7d2f555c6f4c2512ec0432814438a98f8410ce68fa120825788e43ec6a', '\x3df06f4bd9738aaba74af59e1ec044b2576e1ce9c2761c30033d54af1362633e', '2026-11-28 01:08:22.959039+00', 'save-policy', 'done', 'replica-health', NULL, NULL),
	(14, '{"seq":14,"at":"2026-11-28T01:08:22.959039747Z","actor":null,"deed":"save-policy","phase":"done","subject":"deletion-in-use","succeeded":null,"started":null,"detail":{"mode":"observe","severity":"high","version":"1"}}', '\x3df06f4bd9738aaba74af59e1ec044b2576e1ce9c2761c30033d54af1362633e', '\xcfd82cd8ba0ef030899874372d64d720f5b141db38985322660cd44ff1a931ef', '2026-11-28 01:08:22.959039+00', 'save-policy', 'done', 'deletion-in-use', NULL, NULL),
	(15, '{"seq":15,"at":"2026-11-18T01:08:31.963809419Z","actor":null,"deed":"save-policy","phase":"done","subject":"env","succeeded":null,"started":null,"detail":{"mode":"notify","severity":"low","version":"1"}}', '\xcfd82cd8ba0ef030899874372d64d720f5b141db38985322660cd44ff1a931ef', '\x680fbec56128e8db6aaad224a851ce97e6c8d56229bf9f0e7077f6aaf124d27b', '2026-11-18 01:08:31.963809+00', 'save-policy', 'done', 'env', NULL, NULL),
	(16, '{"seq":16,"at":"2026-11-18T01:08:31.963809419Z","actor":null,"deed":"save-policy","phase":"done","subject":"paths","succeeded":null,"started":null,"detail":{"mode":"observe","severity":"high","version":"1"}}', '\x680fbec56128e8db6aaad224a851ce97e6c8d56229bf9f0e7077f6aaf124d27b', '\x0182ac6f9f7bce2c2ac63e5884de5a0695a50a59d419fa9e602cf41e259b511f', '2026-11-18 01:08:31.963809+00', 'save-policy', 'done', 'paths', NULL, NULL),
	(17, '{"seq":17,"at":"2026-11-18T01:08:31.963809419Z","actor":null,"deed":"save-policy","phase":"done","subject":"tagged","succeeded":null,"started":null,"detail":{"mode":"observe","severity":"low","version":"1"}}', '\x0182ac6f9f7bce2c2ac63e5884de5a0695a50a59d419fa9e602cf41e259b511f', '\x48cc8a778218a7427ac26788eed4864443e63fe7f826ff88b8ab56a61ae364b4', '2026-11-18 01:08:31.963809+00', 'save-policy', 'done', 'tagged', NULL, NULL),
	(18, '{"seq":18,"at":"2026-11-19T02:28:31.963809419Z","actor":{"subject":"ada","name":"ada","email":"ada@example.com"},"deed":"plan-remediation","phase":"done","subject":"P-1","succeeded":null,"started":null,"detail":{"calls":"1","hash":"707fac0d5818d9d13ef032027454cd1a5244f6a40c50d9082473e7453ea6d6e9","needs_approval":"true","wish":"set-tags"}}', '\x48cc8a778218a7427ac26788eed4864443e63fe7f826ff88b8ab56a61ae364b4', '\xe3626173c6f6f7502fc13ffa748972072ef22ec8256c54c1458dba9a1c918551', '2026-11-19 02:28:31.963809+00', 'plan-remediation', 'done', 'P-1', NULL, NULL),
	(19, '{"seq":19,"at":"2026-11-19T02:28:31.963809419Z","actor":{"subject":"sol","name":"sol","email":"sol@example.com"},"deed":"approve-remediation","phase":"done","subject":"P-1","succeeded":null,"started":null,"detail":{"hash":"707fac0d5818d9d13ef032027454cd1a5244f6a40c50d9082473e7453ea6d6e9","note":"So."}}', '\xe3626173c6f6f7502fc13ffa748972072ef22ec8256c54c1458dba9a1c918551', '\x77428e7fbdde687561f759acc77a72b2de202e505557a8efdbcd51ab10e24721', '2026-11-19 02:28:31.963809+00', 'approve-remediation', 'done', 'P-1', NULL, NULL),
	(20, '{"seq":20,"at":"2026-11-19T02:28:31.963809419Z","actor":{"subject":"ada","name":"ada","email":"ada@example.com"},"deed":"remediate","phase":"started","subject":"P-1","succeeded":null,"started":null,"detail":{"arn":"arn:aws:secretsmanager:us-east-1:458812704336:secret:checkout/api-AbCdEf","call":"TagResource","step":"1"}}', '\x77428e7fbdde687561f759acc77a72b2de202e505557a8efdbcd51ab10e24721', '\x945a35874567e95f0cb2ca8779e949c91d7d8d685de8c867625334ea993bc249', '2026-11-19 02:28:31.963809+00', 'remediate', 'started', 'P-1', NULL, NULL),
	(37, '{"seq":37,"at":"2026-11-19T06:28:31.963809419Z","actor":{"subject":"ada","name":"ada","email":"ada@example.com"},"deed":"remediate","phase":"completed","subject":"P-7","succeeded":true,"started":36,"detail":{"says":"Done. The check passes."}}', '\xaea9b7ad0a8e5472e20a26895fabe2d995965ad5d33df14c26d32af2398a8487', '\xd1ef6aeeecba76f471a3df7cef3b0b9847275c3fc1a983cbc9a315a99a9ff7ec', '2026-11-19 06:28:31.963809+00', 'remediate', 'completed', 'P-7', true, 36),
	(21, '{"seq":21,"at":"2026-11-19T02:28:31.963809419Z","actor":{"subject":"ada","name":"ada","email":"ada@example.com"},"deed":"remediate","phase":"completed","subject":"P-1","succeeded":false,"started":20,"detail":{"says":"AWS refused TagResource (Fake). A service control policy, the role claviger-remediation or the key''s policy may forbid it."}}', '\x945a35874567e95f0cb2ca8779e949c91d7d8d685de8c867625334ea993bc249', '\xddf6a814a7906b4bbaf064854cefb5a1ba585f8a3c4558a367ae8ebb331a848d', '2026-11-19 02:28:31.963809+00', 'remediate', 'completed', 'P-1', false, 20),
	(22, '{"seq":22,"at":"2026-11-19T04:28:31.963809419Z","actor":{"subject":"ada","name":"ada","email":"ada@example.com"},"deed":"plan-remediation","phase":"done","subject":"P-2","succeeded":null,"started":null,"detail":{"calls":"1","hash":"a132a295d2f5b624b3723b737f7bb7f3a5981ee37845a23a2bd5b4d492e0623a","needs_approval":"true","wish":"set-tags"}}', '\xddf6a814a7906b4bbaf064854cefb5a1ba585f8a3c4558a367ae8ebb331a848d', '\x2db57004f7b4535be2d8849c3f36462541253e5d1873bc66e81c6a1dc3dc635c', '2026-11-19 04:28:31.963809+00', 'plan-remediation', 'done', 'P-2', NULL, NULL),
	(23, '{"seq":23,"at":"2026-11-19T04:28:31.963809419Z","actor":{"subject":"sol","name":"sol","email":"sol@example.com"},"deed":"approve-remediation","phase":"done","subject":"P-2","succeeded":null,"started":null,"detail":{"hash":"a132a295d2f5b624b3723b737f7bb7f3a5981ee37845a23a2bd5b4d492e0623a","note":"So."}}', '\x2db57004f7b4535be2d8849c3f36462541253e5d1873bc66e81c6a1dc3dc635c', '\x4a336fda2fbee5727f080ae56232bab6610ef9e215eb4c570cd91e30aca8d415', '2026-11-19 04:28:31.963809+00', 'approve-remediation', 'done', 'P-2', NULL, NULL),
	(24, '{"seq":24,"at":"2026-11-19T04:28:31.963809419Z","actor":{"subject":"ada","name":"ada","email":"ada@example.com"},"deed":"remediate","phase":"started","subject":"P-2","succeeded":null,"started":null,"detail":{"arn":"arn:aws:secretsmanager:us-east-1:561840927734:secret:ml/openai-AbCdEf","call":"TagResource","step":"1"}}', '\x4a336fda2fbee5727f080ae56232bab6610ef9e215eb4c570cd91e30aca8d415', '\x56e0c64822f2827de30ef750eddd837021a83c239f2ffaa77897c06a92c6a3f3', '2026-11-19 04:28:31.963809+00', 'remediate', 'started', 'P-2', NULL, NULL),
	(25, '{"seq":25,"at":"2026-11-19T04:28:31.963809419Z","actor":{"subject":"ada","name":"ada","email":"ada@example.com"},"deed":"remediate","phase":"completed","subject":"P-2","succeeded":true,"started":24,"detail":{"says":"Done. The check passes."}}', '\x56e0c64822f2827de30ef750eddd837021a83c239f2ffaa77897c06a92c6a3f3', '\x43932385000859246f721692d27aec56986f7a82386939b4a3e282f62b64a879', '2026-11-19 04:28:31.963809+00', 'remediate', 'completed', 'P-2', true, 24),
	(26, '{"seq":26,"at":"2026-11-19T06:28:31.963809419Z","actor":{"subject":"ada","name":"ada","email":"ada@example.com"},"deed":"plan-remediation","phase":"done","subject":"P-3","succeeded":null,"started":null,"detail":{"calls":"1","hash":"b091deb4d640220f847362d2419429bd262789234eb8f0d3e294e6b6d03c22c0","needs_approval":"true","wish":"set-tags"}}', '\x43932385000859246f721692d27aec56986f7a82386939b4a3e282f62b64a879', '\x82589913b54a91b924be0cbbb8b9e45be67e80f26c4672b2be3137cd07c6b677', '2026-11-19 06:28:31.963809+00', 'plan-remediation', 'done', 'P-3', NULL, NULL),
	(27, '{"seq":27,"at":"2026-11-19T06:28:31.963809419Z","actor":{"subject":"ada","name":"ada","email":"ada@example.com"},"deed":"plan-remediation","phase":"done","subject":"P-4","succeeded":null,"started":null,"detail":{"calls":"1","hash":"5a0c3e51a034af56b726e3f749a033261f9361550e2627b57c0b50df556eda48","needs_approval":"true","wish":"set-tags"}}', '\x82589913b54a91b924be0cbbb8b9e45be67e80f26c4672b2be3137cd07c6b677', '\xeffc397d37e13149100879721ed7b499babeade4fc841d222c34ad63c50d6c35', '2026-11-19 06:28:31.963809+00', 'plan-remediation', 'done', 'P-4', NULL, NULL),
	(29, '{"seq":29,"at":"2026-11-19T06:28:31.963809419Z","actor":{"subject":"ada","name":"ada","email":"ada@example.com"},"deed":"plan-remediation","phase":"done","subject":"P-5","succeeded":null,"started":null,"detail":{"calls":"1","hash":"5a0c3e51a034af56b726e3f749a033261f9361550e2627b57c0b50df556eda48","needs_approval":"true","wish":"set-tags"}}', '\x3b1e036f3f2dbcbbef8c418c504e4238bbd41b9c7e600b7df92341f3783c8763', '\xb79b137cbe1a0c1e30659304716e768cfed9a701e54e2e377c36765754009577', '2026-11-19 06:28:31.963809+00', 'plan-remediation', 'done', 'P-5', NULL, NULL),
	(30, '{"seq":30,"at":"2026-11-19T06:28:31.963809419Z","actor":{"subject":"ada","name":"ada","email":"ada@example.com"},"deed":"withdraw-remediation","phase":"done","subject":"P-5","succeeded":null,"started":null,"detail":{"hash":"5a0c3e51a034af56b726e3f749a033261f9361550e2627b57c0b50df556eda48","note":"So."}}', '\xb79b137cbe1a0c1e30659304716e768cfed9a701e54e2e377c36765754009577', '\xc5c1343fed92d3c6b8a992368dfeb5407011ef0309c2cc90f301e780858cdc49', '2026-11-19 06:28:31.963809+00', 'withdraw-remediation', 'done', 'P-5', NULL, NULL),
	(31, '{"seq":31,"at":"2026-11-19T06:28:31.963809419Z","actor":{"subject":"ada","name":"ada","email":"ada@example.com"},"deed":"plan-remediation","phase":"done","subject":"P-6","succeeded":null,"started":null,"detail":{"calls":"1","hash":"8914c990fd3e672ff15c818949f4781b9a0f789e9b2b600b2853ad6d6b29be0b","needs_approval":"true","wish":"set-tags"}}', '\xc5c1343fed92d3c6b8a992368dfeb5407011ef0309c2cc90f301e780858cdc49', '\x0a2b4a3611081269d6f187b304c1f46acff90395173b635d04691473dfe04c08', '2026-11-19 06:28:31.963809+00', 'plan-remediation', 'done', 'P-6', NULL, NULL),
	(33, '{"seq":33,"at":"2026-11-19T06:28:31.963809419Z","actor":{"subject":"sol","name":"sol","email":"sol@example.com"},"deed":"stop-remediation","phase":"done","subject":"P-6","succeeded":null,"started":null,"detail":{"hash":"8914c990fd3e672ff15c818949f4781b9a0f789e9b2b600b2853ad6d6b29be0b","note":"So."}}', '\x97618c5f964830610735a96de9afad8fe2eb271febaaef133b8ddc2c0dc3846b', '\xec6347de6903ad1b0cf886d8b29ca1d7d9d6859ed04bd1a4348e1e5b02a66427', '2026-11-19 06:28:31.963809+00', 'stop-remediation', 'done', 'P-6', NULL, NULL),
	(35, '{"seq":35,"at":"2026-11-19T06:28:31.963809419Z","actor":{"subject":"sol","name":"sol","email":"sol@example.com"},"deed":"approve-remediation","phase":"done","subject":"P-7","succeeded":null,"started":null,"detail":{"hash":"3fc9ebc9c687b8db0068c10293e986b5d6612391bc6d83c92b35abd762f0b8b0","note":"So."}}', '\x410a0b2b9ed04a0de60ace4359666bf0149c613495e9211d9f7aae469af440c4', '\x99bc348b4fc900ef6d85eaf5a43bb057dd86e41bf0e8e269fca9eef6bfa14fd1', '2026-11-19 06:28:31.963809+00', 'approve-remediation', 'done', 'P-7', NULL, NULL),
	(36, '{"seq":36,"at":"2026-11-19T06:28:31.963809419Z","actor":{"subject":"ada","name":"ada","email":"ada@example.com"},"deed":"remediate","phase":"started","subject":"P-7","succeeded":null,"started":null,"detail":{"arn":"arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/kafka-AbCdEf","call":"TagResource","step":"1"}}', '\x99bc348b4fc900ef6d85eaf5a43bb057dd86e41bf0e8e269fca9eef6bfa14fd1', '\xaea9b7ad0a8e5472e20a26895fabe2d995965ad5d33df14c26d32af2398a8487', '2026-11-19 06:28:31.963809+00', 'remediate', 'started', 'P-7', NULL, NULL),
	(38, '{"seq":38,"at":"2026-11-19T06:28:31.963809419Z","actor":{"subject":"ada","name":"ada","email":"ada@example.com"},"deed":"pull-brake","phase":"done","subject":"remediation","succeeded":null,"started":null,"detail":{"reason":"An incident."}}', '\xd1ef6aeeecba76f471a3df7cef3b0b9847275c3fc1a983cbc9a315a99a9ff7ec', '\xec3c7ecb74e35e381619f3ae3b8afe100c520729db64969c177ede3be9ee6b02', '2026-11-19 06:28:31.963809+00', 'pull-brake', 'done', 'remediation', NULL, NULL),
	(39, '{"seq":39,"at":"2026-11-19T06:28:31.963809419Z","actor":{"subject":"ada","name":"ada","email":"ada@example.com"},"deed":"release-brake","phase":"done","subject":"remediation","succeeded":null,"started":null,"detail":{}}', '\xec3c7ecb74e35e381619f3ae3b8afe100c520729db64969c177ede3be9ee6b02', '\xd56d7e7436afc1406cea431613d78a1b5ed6e53684279f32e5705d01667057ee', '2026-11-19 06:28:31.963809+00', 'release-brake', 'done', 'remediation', NULL, NULL),
	(40, '{"seq":40,"at":"2026-11-19T06:28:31.963809419Z","actor":{"subject":"ada","name":"ada","email":"ada@example.com"},"deed":"request-waiver","phase":"done","subject":"W-1","succeeded":null,"started":null,"detail":{"ends_at":"2026-11-21 0:00:00.0 +00:00:00","policy":"env","reason":"It moves.","target":"resource:01a21fb2-5be0-715d-b4aa-6ac8445d5a01"}}', '\xd56d7e7436afc1406cea431613d78a1b5ed6e53684279f32e5705d01667057ee', '\x836237428b471acd67beff84bfc669d104d19ef729cf9b6999cda5b723d1e93d', '2026-11-19 06:28:31.963809+00', 'request-waiver', 'done', 'W-1', NULL, NULL),
	(42, '{"seq":42,"at":"2026-11-21T06:28:31.963809419Z","actor":null,"deed":"expire-waiver","phase":"done","subject":"W-1","succeeded":null,"started":null,"detail":{}}', '\xb6a427b4916f5021f07bf4ed8713a4688d39ba5163bc73c48505e8eb5ba6a3a0', '\x95df5b331a0974edab92b26108e00af73d6c0ee528a45f423a712777ba3f1ec8', '2026-11-21 06:28:31.963809+00', 'expire-waiver', 'done', 'W-1', NULL, NULL),
	(44, '{"seq":44,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"ada","name":"ada","email":"ada@example.com"},"deed":"remediate","phase":"completed","subject":"P-7","succeeded":true,"started":43,"detail":{"says":"Done. The check passes."}}', '\xa331ad307b80bd1b73f2942dc97c3f4b4d8e9cf7032ef57d5e899f2795f1f806', '\xd187158d5059ff42895fdcf84c0656cc3246527cafef941c41bbfe0bea808c46', '2026-11-21 06:28:31.963809+00', 'remediate', 'completed', 'P-7', true, 43),
	(28, '{"seq":28,"at":"2026-11-19T06:28:31.963809419Z","actor":{"subject":"sol","name":"sol","email":"sol@example.com"},"deed":"deny-remediation","phase":"done","subject":"P-4","succeeded":null,"started":null,"detail":{"hash":"5a0c3e51a034af56b726e3f749a033261f9361550e2627b57c0b50df556eda48","note":"So."}}', '\xeffc397d37e13149100879721ed7b499babeade4fc841d222c34ad63c50d6c35', '\x3b1e036f3f2dbcbbef8c418c504e4238bbd41b9c7e600b7df92341f3783c8763', '2026-11-19 06:28:31.963809+00', 'deny-remediation', 'done', 'P-4', NULL, NULL),
	(32, '{"seq":32,"at":"2026-11-19T06:28:31.963809419Z","actor":{"subject":"sol","name":"sol","email":"sol@example.com"},"deed":"approve-remediation","phase":"done","subject":"P-6","succeeded":null,"started":null,"detail":{"hash":"8914c990fd3e672ff15c818949f4781b9a0f789e9b2b600b2853ad6d6b29be0b","note":"So."}}', '\x0a2b4a3611081269d6f187b304c1f46acff90395173b635d04691473dfe04c08', '\x97618c5f964830610735a96de9afad8fe2eb271febaaef133b8ddc2c0dc3846b', '2026-11-19 06:28:31.963809+00', 'approve-remediation', 'done', 'P-6', NULL, NULL),
	(34, '{"seq":34,"at":"2026-11-19T06:28:31.963809419Z","actor":{"subject":"ada","name":"ada","email":"ada@example.com"},"deed":"plan-remediation","phase":"done","subject":"P-7","succeeded":null,"started":null,"detail":{"calls":"2","hash":"3fc9ebc9c687b8db0068c10293e986b5d6612391bc6d83c92b35abd762f0b8b0","needs_approval":"true","wish":"set-tags"}}', '\xec6347de6903ad1b0cf886d8b29ca1d7d9d6859ed04bd1a4348e1e5b02a66427', '\x410a0b2b9ed04a0de60ace4359666bf0149c613495e9211d9f7aae469af440c4', '2026-11-19 06:28:31.963809+00', 'plan-remediation', 'done', 'P-7', NULL, NULL),
	(43, '{"seq":43,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"ada","name":"ada","email":"ada@example.com"},"deed":"remediate","phase":"started","subject":"P-7","succeeded":null,"started":null,"detail":{"arn":"arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/stripe-AbCdEf","call":"TagResource","step":"2"}}', '\x95df5b331a0974edab92b26108e00af73d6c0ee528a45f423a712777ba3f1ec8', '\xa331ad307b80bd1b73f2942dc97c3f4b4d8e9cf7032ef57d5e899f2795f1f806', '2026-11-21 06:28:31.963809+00', 'remediate', 'started', 'P-7', NULL, NULL),
	(49, '{"seq":49,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"ada","name":"ada","email":"ada@example.com"},"deed":"request-waiver","phase":"done","subject":"W-4","succeeded":null,"started":null,"detail":{"ends_at":"2109-01-11 0:00:00.0 +00:00:00","policy":"paths","reason":"It moves.","target":"organization"}}', '\x41aa5788a6be96374431f277238477e6de74ae72e5c296a4cdcf579976ad00ce', '\x68fb0525c3a11ba7ef0741d7e85c7c2e7fad6e3ffe380a64e74c80ccab294c07', '2026-11-21 06:28:31.963809+00', 'request-waiver', 'done', 'W-4', NULL, NULL),
	(50, '{"seq":50,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"sol","name":"sol","email":"sol@example.com"},"deed":"approve-waiver","phase":"done","subject":"W-4","succeeded":null,"started":null,"detail":{"note":"So."}}', '\x68fb0525c3a11ba7ef0741d7e85c7c2e7fad6e3ffe380a64e74c80ccab294c07', '\xc9e0e32afcd082e290568e4a0efd0c20a2fce4397adc15a2050596596ce4261a', '2026-11-21 06:28:31.963809+00', 'approve-waiver', 'done', 'W-4', NULL, NULL),
	(55, '{"seq":55,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"ada","name":"ada","email":"ada@example.com"},"deed":"withdraw-waiver","phase":"done","subject":"W-6","succeeded":null,"started":null,"detail":{"note":"So."}}', '\xcd47c67e0ab059b8bf7d2ddc402884db9af887ad12d56c877ba4ff040b160bca', '\x82939a423dea1b952d4e1fe75d70b1fa70a34c43600c616bd6a026101fc8f67e', '2026-11-21 06:28:31.963809+00', 'withdraw-waiver', 'done', 'W-6', NULL, NULL),
	(82, '{"seq":82,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"rotate","phase":"completed","subject":"G-8","succeeded":true,"started":79,"detail":{}}', '\x6f49877f7f515e3be924df1b27a29b3ec89db621fe90b5fa32a87555f5fbb0a2', '\xf6e4a94db4528fcb8ae8dec30b0c2d7d39b91ce2153e5368ce4d422c7e535951', '2026-11-21 06:28:31.963809+00', 'rotate', 'completed', 'G-8', true, 79),
	(84, '{"seq":84,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"give-back","phase":"done","subject":"G-9","succeeded":null,"started":null,"detail":{"live-sessions":"false"}}', '\xf785b11f19b5d8c877754b4a1239dd18e53d2f16e8dbe1436451cf96d94d7dd5', '\x4924eb40f628658f33d8a72c491bb7739c7aeeda2b7e02aa86758b7a258ec54c', '2026-11-21 06:28:31.963809+00', 'give-back', 'done', 'G-9', NULL, NULL),
	(91, '{"seq":91,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"ada","name":"ada","email":"ada@example.com"},"deed":"close-review","phase":"done","subject":"G-10","succeeded":null,"started":null,"detail":{"note":"It was needed."}}', '\x5b055ed950f2ad9f70481adc25e4bfcd9e29662d7807873edaad71b9bf391ed2', '\x1096326e9229247ac0d916e7ef53f6b52f256bb8f527ba3fcd6b9c235fa99178', '2026-11-21 06:28:31.963809+00', 'close-review', 'done', 'G-10', NULL, NULL),
	(95, '{"seq":95,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"issue-session","phase":"started","subject":"G-11","succeeded":null,"started":null,"detail":{"for":"reveal","resources":"1","role":"claviger-access","seconds":"1800","session":"G-11-7aa62c08fa09"}}', '\x5c11a253547e2b5f93b794069996bc47e7f97c7df8f972924ae8849808c5afe3', '\x6c079f3121418b653a250907163231ef90dd301b36d152c0a8600df5f54bae45', '2026-11-21 06:28:31.963809+00', 'issue-session', 'started', 'G-11', NULL, NULL),
	(99, '{"seq":99,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"tomas","name":"tomas","email":"tomas@example.com"},"deed":"approve","phase":"done","subject":"G-12","succeeded":null,"started":null,"detail":{"hash":"014d028997a4aaada632b7e60a22dc74a7366b2ef3cc9612cbb54ce238f63387","minutes":"15","step":"1"}}', '\xfe5bc4938505e3011438fbbedb1217f988a76d2a5e78e667f6a92c34020d585c', '\x4c50f09114b2b5cd1f5d3efa9f0dca57458fe6defbc28a3d72fb561e364bbfff', '2026-11-21 06:28:31.963809+00', 'approve', 'done', 'G-12', NULL, NULL),
	(102, '{"seq":102,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"issue-session","phase":"completed","subject":"G-12","succeeded":true,"started":101,"detail":{"access-key":"ASIA0000000000000005"}}', '\xdf42888514480701e26df2a5d81c0b6611e6591d7f7410d86382ce287c841e98', '\xd2bf8e9e6aaf8800dca67364fe758c4740a9558a1f5aa878b23852e676d5bc06', '2026-11-21 06:28:31.963809+00', 'issue-session', 'completed', 'G-12', true, 101),
	(114, '{"seq":114,"at":"2026-11-21T06:58:31.963809419Z","actor":null,"deed":"end","phase":"done","subject":"G-8","succeeded":null,"started":null,"detail":{}}', '\x84478ecce1ec244c4c043e911e9fad5cbd43e301bb75057238698475569d0e4e', '\xcf7ad1773c1aba9c680c8ff812a4036ab1f184e6ab7247e4422b3eb0cf3339b0', '2026-11-21 06:58:31.963809+00', 'end', 'done', 'G-8', NULL, NULL),
	(121, '{"seq":121,"at":"2026-11-21T08:58:31.963809419Z","actor":null,"deed":"collect-denials","phase":"completed","subject":"441205839201","succeeded":true,"started":120,"detail":{}}', '\x59de40e6394b819b3eafa0fc4ce73df9b5fed29a914704ce0472fd0350afd65a', '\xf41f6e076956c803b244a96e4667a8728e160a0f1ce2a0b9adaf5babccaec907', '2026-11-21 08:58:31.963809+00', 'collect-denials', 'completed', '441205839201', true, 120),
	(126, '{"seq":126,"at":"2096-11-03T08:58:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"issue-session","phase":"completed","subject":"G-15","succeeded":true,"started":125,"detail":{"access-key":"ASIA0000000000000007"}}', '\x674f677780c4276aef440b83c5f304eba35ee457fd450f8cb1b9f3bb95ba36cc', '\xe666cff740d81de89b46cb82ce48b929322ee2ebc0a139d69c00315b12514f36', '2096-11-03 08:58:31.963809+00', 'issue-session', 'completed', 'G-15', true, 125),
	(41, '{"seq":41,"at":"2026-11-19T06:28:31.963809419Z","actor":{"subject":"sol","name":"sol","email":"sol@example.com"},"deed":"approve-waiver","phase":"done","subject":"W-1","succeeded":null,"started":null,"detail":{"note":"So."}}', '\x836237428b471acd67beff84bfc669d104d19ef729cf9b6999cda5b723d1e93d', '\xb6a427b4916f5021f07bf4ed8713a4688d39ba5163bc73c48505e8eb5ba6a3a0', '2026-11-19 06:28:31.963809+00', 'approve-waiver', 'done', 'W-1', NULL, NULL),
	(45, '{"seq":45,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"ada","name":"ada","email":"ada@example.com"},"deed":"request-waiver","phase":"done","subject":"W-2","succeeded":null,"started":null,"detail":{"ends_at":"2109-01-11 0:00:00.0 +00:00:00","policy":"env","reason":"It moves.","target":"account:561840927734"}}', '\xd187158d5059ff42895fdcf84c0656cc3246527cafef941c41bbfe0bea808c46', '\x8b92778efac7fa54585420611f2cb8a52d484f48839e4860ca855dea655f829d', '2026-11-21 06:28:31.963809+00', 'request-waiver', 'done', 'W-2', NULL, NULL),
	(52, '{"seq":52,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"ada","name":"ada","email":"ada@example.com"},"deed":"request-waiver","phase":"done","subject":"W-5","succeeded":null,"started":null,"detail":{"ends_at":"2109-01-11 0:00:00.0 +00:00:00","policy":"env","reason":"It moves.","target":"ou:ou-sand"}}', '\x0e407bbfa4745409a534b01dbee32a858b6a5de08db3c7374060b6c7a28913a6', '\xa6e3f56187368d0e49ae9aa516c5e3b5205f58ab3db80cc742e99feeeddd4308', '2026-11-21 06:28:31.963809+00', 'request-waiver', 'done', 'W-5', NULL, NULL),
	(60, '{"seq":60,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"request","phase":"done","subject":"G-3","succeeded":null,"started":null,"detail":{"action":"read","hash":"93265fef5e6295c19a1e94d3375ec9501f4125b31b6008d8ea443a329fddf5e8","minutes":"30","purpose":"Reconcile the ledger.","resources":"arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/ledger-AbCdEf","rule":"Production","ticket":"PAY-1"}}', '\xac88c56369483d0fd81254735cc08608239badaade5472fb940cfaf583310169', '\xc76d5174fdb167de0a48620e2f8f55b7221d799c0e14f22491b576c62dfbcc39', '2026-11-21 06:28:31.963809+00', 'request', 'done', 'G-3', NULL, NULL),
	(62, '{"seq":62,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"request","phase":"done","subject":"G-4","succeeded":null,"started":null,"detail":{"action":"read","hash":"e8cbb65cf44e4a55e02ee3d948b1993a91d4c2873bf1d120091247f2e765e200","minutes":"30","purpose":"Reconcile the ledger.","resources":"arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/kafka-AbCdEf","rule":"Production","ticket":"PAY-1"}}', '\xe3d22cec37c617bb42d638eb6234c0c0dda7cabc4e94871e2783e18c48f67bee', '\x8006d9f775fc235ed644352e4c2574dfb03be49adb5a295185bc974c7093628f', '2026-11-21 06:28:31.963809+00', 'request', 'done', 'G-4', NULL, NULL),
	(66, '{"seq":66,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"request","phase":"done","subject":"G-6","succeeded":null,"started":null,"detail":{"action":"read","hash":"dda0b89144262d8a7ba068dd85d5710387a1cbc3c418b8345b9494d68be787f2","minutes":"5","purpose":"Reconcile the ledger.","resources":"arn:aws:secretsmanager:us-east-1:561840927734:secret:ml/openai-AbCdEf","rule":"Sandbox","ticket":"PAY-1"}}', '\xbb4b071f54a49370c89c9ec07a55c314ed863c123074cdb585e64f1158d89be7', '\x41d7de850a17b7ec0b2cac65d4861654970dbe11756c2697a967c6162bf9ae1c', '2026-11-21 06:28:31.963809+00', 'request', 'done', 'G-6', NULL, NULL),
	(67, '{"seq":67,"at":"2026-11-21T06:28:31.963809419Z","actor":null,"deed":"approve","phase":"done","subject":"G-6","succeeded":null,"started":null,"detail":{"by":"rule Sandbox"}}', '\x41d7de850a17b7ec0b2cac65d4861654970dbe11756c2697a967c6162bf9ae1c', '\xb1fc3c646f1d5bd61285d35c4c7a13bf49f6b95fea089e60ab8112237dc3e8a4', '2026-11-21 06:28:31.963809+00', 'approve', 'done', 'G-6', NULL, NULL),
	(70, '{"seq":70,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"claim","phase":"done","subject":"G-7","succeeded":null,"started":null,"detail":{"minutes":"30"}}', '\x926fe557dade0176392de091f7d5a7035cdeab5196c8980954a3ce85bb30f1df', '\xd1a6b485f3dc10a2d918128576cab264eb894036b73291622442420797f17b46', '2026-11-21 06:28:31.963809+00', 'claim', 'done', 'G-7', NULL, NULL),
	(78, '{"seq":78,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"claim","phase":"done","subject":"G-8","succeeded":null,"started":null,"detail":{"minutes":"30"}}', '\xb7b045dab657703ab6f6200f9a0617b2eb10f648aa6708e282ede7776113c6bf', '\x3f4575fc787ce64c5884df267520db56dae8d69a8af9c8db22555c77f9b324dd', '2026-11-21 06:28:31.963809+00', 'claim', 'done', 'G-8', NULL, NULL),
	(98, '{"seq":98,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"request","phase":"done","subject":"G-12","succeeded":null,"started":null,"detail":{"action":"read","hash":"014d028997a4aaada632b7e60a22dc74a7366b2ef3cc9612cbb54ce238f63387","minutes":"15","purpose":"Reconcile the ledger.","resources":"arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/stripe-AbCdEf","rule":"Production","ticket":"PAY-1"}}', '\x908c5434a59c67b3ba0cbe106f8d5c5bdd4babab071bb2738ab4c345f8b083d0', '\xfe5bc4938505e3011438fbbedb1217f988a76d2a5e78e667f6a92c34020d585c', '2026-11-21 06:28:31.963809+00', 'request', 'done', 'G-12', NULL, NULL),
	(107, '{"seq":107,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"issue-session","phase":"completed","subject":"G-13","succeeded":true,"started":106,"detail":{"access-key":"ASIA0000000000000006"}}', '\xa0567aebb64473afa6a20900de220babbcf4e613c3655be6287e935f4ce875da', '\xcf56ba919a2fedc2be3d8ca13bc8c22c452322a1b6144945fd85ab4152068acf', '2026-11-21 06:28:31.963809+00', 'issue-session', 'completed', 'G-13', true, 106),
	(119, '{"seq":119,"at":"2026-11-21T06:58:31.963809419Z","actor":null,"deed":"deny-session","phase":"completed","subject":"441205839201","succeeded":true,"started":118,"detail":{}}', '\xf13abb70b6ff6632bf1c78dddb2ad418a10a50795f2c821457dae92ca3d703b7', '\xa26f3fce12f980871a0d8dc62ca1221746d54e395e38c79afc90f8e6c76ff20c', '2026-11-21 06:58:31.963809+00', 'deny-session', 'completed', '441205839201', true, 118),
	(127, '{"seq":127,"at":"2096-11-03T08:58:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"request","phase":"done","subject":"G-16","succeeded":null,"started":null,"detail":{"action":"read","hash":"6f9e5cf70bb00e71842a4b07ed8ad5d06c33909f327c37ac7499ac8b07014653","minutes":"10080","purpose":"Reconcile the ledger.","resources":"arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/kafka-AbCdEf","rule":"Production","ticket":"PAY-1"}}', '\xe666cff740d81de89b46cb82ce48b929322ee2ebc0a139d69c00315b12514f36', '\x08793c9080e898894979ba7b2e34f78fb010148f706d78c2c102f5dccf41bedd', '2096-11-03 08:58:31.963809+00', 'request', 'done', 'G-16', NULL, NULL),
	(46, '{"seq":46,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"ada","name":"ada","email":"ada@example.com"},"deed":"request-waiver","phase":"done","subject":"W-3","succeeded":null,"started":null,"detail":{"ends_at":"2109-01-11 0:00:00.0 +00:00:00","policy":"env","reason":"It moves.","target":"account:458812704336"}}', '\x8b92778efac7fa54585420611f2cb8a52d484f48839e4860ca855dea655f829d', '\x35f6d57bc8af6803b101eac342f28c53b1a1f7a0aa1262c395ccea2c30ff213d', '2026-11-21 06:28:31.963809+00', 'request-waiver', 'done', 'W-3', NULL, NULL),
	(53, '{"seq":53,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"sol","name":"sol","email":"sol@example.com"},"deed":"deny-waiver","phase":"done","subject":"W-5","succeeded":null,"started":null,"detail":{"note":"So."}}', '\xa6e3f56187368d0e49ae9aa516c5e3b5205f58ab3db80cc742e99feeeddd4308', '\xa22be6404280e93e5a22658be72dec89d75193d121063652993d294b906ec4eb', '2026-11-21 06:28:31.963809+00', 'deny-waiver', 'done', 'W-5', NULL, NULL),
	(106, '{"seq":106,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"issue-session","phase":"started","subject":"G-13","succeeded":null,"started":null,"detail":{"for":"client","resources":"1","role":"claviger-access","seconds":"3600","session":"G-13-e63be7b730a4"}}', '\x343b360c5973da0ea3cf6038d9316431205df9efcc7a8bb6501c87e01a2f1eb0', '\xa0567aebb64473afa6a20900de220babbcf4e613c3655be6287e935f4ce875da', '2026-11-21 06:28:31.963809+00', 'issue-session', 'started', 'G-13', NULL, NULL),
	(117, '{"seq":117,"at":"2026-11-21T06:58:31.963809419Z","actor":null,"deed":"end","phase":"done","subject":"G-12","succeeded":null,"started":null,"detail":{}}', '\x17cb85ca74655d70f626e0fb72ac641d0a151fd9e127570de4374103bf0b7c6f', '\x0d953557b5bd1dd1531768a24c120c365747478decd9db2223f07c3c2183a34c', '2026-11-21 06:58:31.963809+00', 'end', 'done', 'G-12', NULL, NULL),
	(120, '{"seq":120,"at":"2026-11-21T08:58:31.963809419Z","actor":null,"deed":"collect-denials","phase":"started","subject":"441205839201","succeeded":null,"started":null,"detail":{"grants":"","wide":"false"}}', '\xa26f3fce12f980871a0d8dc62ca1221746d54e395e38c79afc90f8e6c76ff20c', '\x59de40e6394b819b3eafa0fc4ce73df9b5fed29a914704ce0472fd0350afd65a', '2026-11-21 08:58:31.963809+00', 'collect-denials', 'started', '441205839201', NULL, NULL),
	(124, '{"seq":124,"at":"2096-11-03T08:58:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"claim","phase":"done","subject":"G-15","succeeded":null,"started":null,"detail":{"minutes":"10080"}}', '\xd181f4d36447afab25573d71dcba0b8d0a506148094e23e90bf6b57f3314361b', '\x1cdc8392086af5f858e31d7405d34c713e1c92c66f6fd4f835625ee440647ae0', '2096-11-03 08:58:31.963809+00', 'claim', 'done', 'G-15', NULL, NULL),
	(129, '{"seq":129,"at":"2096-11-03T08:58:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"claim","phase":"done","subject":"G-16","succeeded":null,"started":null,"detail":{"minutes":"10080"}}', '\x3a532c0d61755182d4e54230aaadfd6f20e56f01612b9e8e429923d34d44465c', '\xddd021b9499b1e4af8281b4bbcc51e88856824246b8eae868e35a3d36b83fafc', '2096-11-03 08:58:31.963809+00', 'claim', 'done', 'G-16', NULL, NULL),
	(47, '{"seq":47,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"sol","name":"sol","email":"sol@example.com"},"deed":"approve-waiver","phase":"done","subject":"W-3","succeeded":null,"started":null,"detail":{"note":"So."}}', '\x35f6d57bc8af6803b101eac342f28c53b1a1f7a0aa1262c395ccea2c30ff213d', '\x2a2c4abbdfbfcbfbfa33f482f1c5d5c29ed3195ece5e6454718b25d71a34a90f', '2026-11-21 06:28:31.963809+00', 'approve-waiver', 'done', 'W-3', NULL, NULL),
	(58, '{"seq":58,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"request","phase":"done","subject":"G-2","succeeded":null,"started":null,"detail":{"action":"read","hash":"bb59dac898e5c94153af1ddc6cb382e7d8d017b0dfb2ceb98e067cfd0b0d3056","minutes":"30","purpose":"Reconcile the ledger.","resources":"arn:aws:secretsmanager:us-east-1:561840927734:secret:ml/openai-AbCdEf","rule":"Sandbox","ticket":"PAY-1"}}', '\x539423f7e9fbfc08fee7ef86907f9ccb706382e3325433ecd7e0516168612fbc', '\x12b27d658040ac9d3b1a71bb1de33a64e392b30602fb0ad966b28e3be82eef45', '2026-11-21 06:28:31.963809+00', 'request', 'done', 'G-2', NULL, NULL),
	(63, '{"seq":63,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"tomas","name":"tomas","email":"tomas@example.com"},"deed":"approve","phase":"done","subject":"G-4","succeeded":null,"started":null,"detail":{"hash":"e8cbb65cf44e4a55e02ee3d948b1993a91d4c2873bf1d120091247f2e765e200","minutes":"30","step":"1"}}', '\x8006d9f775fc235ed644352e4c2574dfb03be49adb5a295185bc974c7093628f', '\x05754f319ed41b7e7ab57f92a2b208c7c34407dad55256f5a68cb798ac0efe23', '2026-11-21 06:28:31.963809+00', 'approve', 'done', 'G-4', NULL, NULL),
	(74, '{"seq":74,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"put-value","phase":"completed","subject":"G-7","succeeded":true,"started":71,"detail":{}}', '\x81a8a8dd225400e5c066ce33d796bfabd550c381c25a19e5bcb6109930d8bce8', '\xab05bf21047d1d772c936aef0076e8a218b2a652a0d730d89473ad41a1b500ce', '2026-11-21 06:28:31.963809+00', 'put-value', 'completed', 'G-7', true, 71),
	(76, '{"seq":76,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"request","phase":"done","subject":"G-8","succeeded":null,"started":null,"detail":{"action":"rotate","hash":"eb388e9f92ac3aaf398ad3fd6de4f9e18eb393294408f713f0c17660dcb63380","minutes":"30","purpose":"Reconcile the ledger.","resources":"arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/ledger-AbCdEf","rule":"Production","ticket":"PAY-1"}}', '\xf3369e80fbae5a5d0cd9376a874098f7092bfb4d37c4c9a1d1fb7f922affc87f', '\xbfc0d457f2f2610d600dbe2597a44c9bde16935c9e29edcffd6de1618a021554', '2026-11-21 06:28:31.963809+00', 'request', 'done', 'G-8', NULL, NULL),
	(81, '{"seq":81,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"issue-session","phase":"completed","subject":"G-8","succeeded":true,"started":80,"detail":{"access-key":"ASIA0000000000000002"}}', '\xcd1a6112605114d8bdec2a8dbff5d8834cbb3701362dd57e3943e32a7f63030b', '\x6f49877f7f515e3be924df1b27a29b3ec89db621fe90b5fa32a87555f5fbb0a2', '2026-11-21 06:28:31.963809+00', 'issue-session', 'completed', 'G-8', true, 80),
	(88, '{"seq":88,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"issue-session","phase":"started","subject":"G-10","succeeded":null,"started":null,"detail":{"for":"reveal","resources":"1","role":"claviger-access","seconds":"1800","session":"G-10-e7145739e673"}}', '\xb816b2a1ea2295f3ff97ea90b130e8a1f0e90c676f8e9602a6445f20bcdf0546', '\x30d16fb5c894f9d0949f752beaa9b601aa9a51e142edc49180bb5c3226f75dfc', '2026-11-21 06:28:31.963809+00', 'issue-session', 'started', 'G-10', NULL, NULL),
	(108, '{"seq":108,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"ada","name":"ada","email":"ada@example.com"},"deed":"revoke","phase":"done","subject":"G-13","succeeded":null,"started":null,"detail":{"live-sessions":"true","reason":"Left."}}', '\xcf56ba919a2fedc2be3d8ca13bc8c22c452322a1b6144945fd85ab4152068acf', '\x7e4defef816a1c59580644f0c48d896f41f79c6d1e8abff01cce93843a513f5f', '2026-11-21 06:28:31.963809+00', 'revoke', 'done', 'G-13', NULL, NULL),
	(109, '{"seq":109,"at":"2026-11-21T06:28:31.963809419Z","actor":null,"deed":"deny-session","phase":"started","subject":"441205839201","succeeded":null,"started":null,"detail":{"grants":"G-7 G-13","wide":"false"}}', '\x7e4defef816a1c59580644f0c48d896f41f79c6d1e8abff01cce93843a513f5f', '\x7fb9f506c5216705961fb7538201815721a6b91b14cc39e6ae44242c6926bffa', '2026-11-21 06:28:31.963809+00', 'deny-session', 'started', '441205839201', NULL, NULL),
	(115, '{"seq":115,"at":"2026-11-21T06:58:31.963809419Z","actor":null,"deed":"end","phase":"done","subject":"G-10","succeeded":null,"started":null,"detail":{}}', '\xcf7ad1773c1aba9c680c8ff812a4036ab1f184e6ab7247e4422b3eb0cf3339b0', '\xcc9281d4481e33bd84ec77e563982a859b84cba347607ac146794254ecfc2778', '2026-11-21 06:58:31.963809+00', 'end', 'done', 'G-10', NULL, NULL),
	(125, '{"seq":125,"at":"2096-11-03T08:58:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"issue-session","phase":"started","subject":"G-15","succeeded":null,"started":null,"detail":{"for":"client","resources":"1","role":"claviger-access","seconds":"3600","session":"G-15-ed1cf0310c5a"}}', '\x1cdc8392086af5f858e31d7405d34c713e1c92c66f6fd4f835625ee440647ae0', '\x674f677780c4276aef440b83c5f304eba35ee457fd450f8cb1b9f3bb95ba36cc', '2096-11-03 08:58:31.963809+00', 'issue-session', 'started', 'G-15', NULL, NULL),
	(128, '{"seq":128,"at":"2096-11-03T08:58:31.963809419Z","actor":{"subject":"tomas","name":"tomas","email":"tomas@example.com"},"deed":"approve","phase":"done","subject":"G-16","succeeded":null,"started":null,"detail":{"hash":"6f9e5cf70bb00e71842a4b07ed8ad5d06c33909f327c37ac7499ac8b07014653","minutes":"10080","step":"1"}}', '\x08793c9080e898894979ba7b2e34f78fb010148f706d78c2c102f5dccf41bedd', '\x3a532c0d61755182d4e54230aaadfd6f20e56f01612b9e8e429923d34d44465c', '2096-11-03 08:58:31.963809+00', 'approve', 'done', 'G-16', NULL, NULL),
	(132, '{"seq":132,"at":"2096-11-03T08:58:31.963809419Z","actor":{"subject":"ada","name":"ada","email":"ada@example.com"},"deed":"revoke","phase":"done","subject":"G-16","succeeded":null,"started":null,"detail":{"live-sessions":"true","reason":"Left."}}', '\xb7cd358da5ebc0e5308e16fd1bd93da8cad3bd0675072be971e66ed6ccf27fc1', '\x601481a07b877c81d5b9e426df3a9547194ce473e28808b8d60b66f6432075b3', '2096-11-03 08:58:31.963809+00', 'revoke', 'done', 'G-16', NULL, NULL),
	(48, '{"seq":48,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"sol","name":"sol","email":"sol@example.com"},"deed":"review-waiver","phase":"done","subject":"W-3","succeeded":null,"started":null,"detail":{"note":"So."}}', '\x2a2c4abbdfbfcbfbfa33f482f1c5d5c29ed3195ece5e6454718b25d71a34a90f', '\x41aa5788a6be96374431f277238477e6de74ae72e5c296a4cdcf579976ad00ce', '2026-11-21 06:28:31.963809+00', 'review-waiver', 'done', 'W-3', NULL, NULL),
	(54, '{"seq":54,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"ada","name":"ada","email":"ada@example.com"},"deed":"request-waiver","phase":"done","subject":"W-6","succeeded":null,"started":null,"detail":{"ends_at":"2109-01-11 0:00:00.0 +00:00:00","reason":"It moves.","target":"resource:01a21fb2-5be0-715d-b4aa-6ac8445d5a01"}}', '\xa22be6404280e93e5a22658be72dec89d75193d121063652993d294b906ec4eb', '\xcd47c67e0ab059b8bf7d2ddc402884db9af887ad12d56c877ba4ff040b160bca', '2026-11-21 06:28:31.963809+00', 'request-waiver', 'done', 'W-6', NULL, NULL),
	(57, '{"seq":57,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"request","phase":"done","subject":"G-1","succeeded":null,"started":null,"detail":{"action":"read","hash":"9c0325e29cf949d6115c2cebd39fa5774b0baa3f5e3d0bdf25812a7ad977687b","minutes":"30","purpose":"Reconcile the ledger.","resources":"arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/ledger-AbCdEf","rule":"Production","ticket":"PAY-1"}}', '\x80d70394e55e6ac54109824f23b3b02786f81bac45c134cfbb08f8448c2134c0', '\x539423f7e9fbfc08fee7ef86907f9ccb706382e3325433ecd7e0516168612fbc', '2026-11-21 06:28:31.963809+00', 'request', 'done', 'G-1', NULL, NULL),
	(61, '{"seq":61,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"tomas","name":"tomas","email":"tomas@example.com"},"deed":"approve","phase":"done","subject":"G-3","succeeded":null,"started":null,"detail":{"hash":"93265fef5e6295c19a1e94d3375ec9501f4125b31b6008d8ea443a329fddf5e8","minutes":"30","step":"1"}}', '\xc76d5174fdb167de0a48620e2f8f55b7221d799c0e14f22491b576c62dfbcc39', '\xe3d22cec37c617bb42d638eb6234c0c0dda7cabc4e94871e2783e18c48f67bee', '2026-11-21 06:28:31.963809+00', 'approve', 'done', 'G-3', NULL, NULL),
	(71, '{"seq":71,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"put-value","phase":"started","subject":"G-7","succeeded":null,"started":null,"detail":{"resource":"arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/ledger-AbCdEf"}}', '\xd1a6b485f3dc10a2d918128576cab264eb894036b73291622442420797f17b46', '\x62a719b1a9238a84e7cefc25578dfd75cdcb8414e46f57e88b264d41b398174c', '2026-11-21 06:28:31.963809+00', 'put-value', 'started', 'G-7', NULL, NULL),
	(94, '{"seq":94,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"reveal","phase":"started","subject":"G-11","succeeded":null,"started":null,"detail":{"resource":"arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/ledger-AbCdEf"}}', '\x2b2355700818bdfd69433291e1a65d49dbadb2468e5e4d9d7e98c5543072e8c3', '\x5c11a253547e2b5f93b794069996bc47e7f97c7df8f972924ae8849808c5afe3', '2026-11-21 06:28:31.963809+00', 'reveal', 'started', 'G-11', NULL, NULL),
	(104, '{"seq":104,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"tomas","name":"tomas","email":"tomas@example.com"},"deed":"approve","phase":"done","subject":"G-13","succeeded":null,"started":null,"detail":{"hash":"bf96f1967f85bb20a8c90c8bb3587617479808a1811dbf6306e80b562b8caf62","minutes":"60","step":"1"}}', '\x7604db7a4d0c71fc7d58dbc6b5930cdb2be99a3bf8d7a1bc3f6114b605b7ff73', '\x21c30f844fae4a40424fc33f0895d2c22ff9d899b214c7f2525b83e2b1e8740e', '2026-11-21 06:28:31.963809+00', 'approve', 'done', 'G-13', NULL, NULL),
	(112, '{"seq":112,"at":"2026-11-21T06:28:31.963809419Z","actor":null,"deed":"confirm-denial","phase":"done","subject":"G-13","succeeded":null,"started":null,"detail":{"seconds":"0.0"}}', '\x9279f3b71c999ec47d582135500f852f2e8115332426161d82ef1f625b33dd2d', '\xf835b28e41f9a86b49071a0a292203aaffacb2cc07a3aa09647b4ddcf1a31f1d', '2026-11-21 06:28:31.963809+00', 'confirm-denial', 'done', 'G-13', NULL, NULL),
	(131, '{"seq":131,"at":"2096-11-03T08:58:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"issue-session","phase":"completed","subject":"G-16","succeeded":true,"started":130,"detail":{"access-key":"ASIA0000000000000008"}}', '\x075d62a720faac4546c4729cbc70c03c7f0c44b16ce3db4029ec76c9baf4a7b0', '\xb7cd358da5ebc0e5308e16fd1bd93da8cad3bd0675072be971e66ed6ccf27fc1', '2096-11-03 08:58:31.963809+00', 'issue-session', 'completed', 'G-16', true, 130),
	(51, '{"seq":51,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"sol","name":"sol","email":"sol@example.com"},"deed":"end-waiver","phase":"done","subject":"W-4","succeeded":null,"started":null,"detail":{"note":"So."}}', '\xc9e0e32afcd082e290568e4a0efd0c20a2fce4397adc15a2050596596ce4261a', '\x0e407bbfa4745409a534b01dbee32a858b6a5de08db3c7374060b6c7a28913a6', '2026-11-21 06:28:31.963809+00', 'end-waiver', 'done', 'W-4', NULL, NULL),
	(56, '{"seq":56,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"ada","name":"ada","email":"ada@example.com"},"deed":"retire-policy","phase":"done","subject":"tagged","succeeded":null,"started":null,"detail":{}}', '\x82939a423dea1b952d4e1fe75d70b1fa70a34c43600c616bd6a026101fc8f67e', '\x80d70394e55e6ac54109824f23b3b02786f81bac45c134cfbb08f8448c2134c0', '2026-11-21 06:28:31.963809+00', 'retire-policy', 'done', 'tagged', NULL, NULL),
	(59, '{"seq":59,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"ada","name":"ada","email":"ada@example.com"},"deed":"approve","phase":"done","subject":"G-2","succeeded":null,"started":null,"detail":{"hash":"bb59dac898e5c94153af1ddc6cb382e7d8d017b0dfb2ceb98e067cfd0b0d3056","minutes":"30","step":"1"}}', '\x12b27d658040ac9d3b1a71bb1de33a64e392b30602fb0ad966b28e3be82eef45', '\xac88c56369483d0fd81254735cc08608239badaade5472fb940cfaf583310169', '2026-11-21 06:28:31.963809+00', 'approve', 'done', 'G-2', NULL, NULL);
INSERT INTO public.audit_entry VALUES
	(64, '{"seq":64,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"request","phase":"done","subject":"G-5","succeeded":null,"started":null,"detail":{"action":"read","hash":"9c0325e29cf949d6115c2cebd39fa5774b0baa3f5e3d0bdf25812a7ad977687b","minutes":"30","purpose":"Reconcile the ledger.","resources":"arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/ledger-AbCdEf","rule":"Production","ticket":"PAY-1"}}', '\x05754f319ed41b7e7ab57f92a2b208c7c34407dad55256f5a68cb798ac0efe23', '\x2c5e7a32c378f19445d76471e96b47af786d85d71ade59fa6446b742e7b7ad5f', '2026-11-21 06:28:31.963809+00', 'request', 'done', 'G-5', NULL, NULL),
	(65, '{"seq":65,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"tomas","name":"tomas","email":"tomas@example.com"},"deed":"deny","phase":"done","subject":"G-5","succeeded":null,"started":null,"detail":{"hash":"9c0325e29cf949d6115c2cebd39fa5774b0baa3f5e3d0bdf25812a7ad977687b","minutes":"30","reason":"Not now.","step":"1"}}', '\x2c5e7a32c378f19445d76471e96b47af786d85d71ade59fa6446b742e7b7ad5f', '\xbb4b071f54a49370c89c9ec07a55c314ed863c123074cdb585e64f1158d89be7', '2026-11-21 06:28:31.963809+00', 'deny', 'done', 'G-5', NULL, NULL),
	(68, '{"seq":68,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"request","phase":"done","subject":"G-7","succeeded":null,"started":null,"detail":{"action":"write","hash":"7e7b803d6f87f15d34d939c72062de8f51032309ed62fd52ee8ad04c685885c5","minutes":"30","purpose":"Reconcile the ledger.","resources":"arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/ledger-AbCdEf","rule":"Production","ticket":"PAY-1"}}', '\xb1fc3c646f1d5bd61285d35c4c7a13bf49f6b95fea089e60ab8112237dc3e8a4', '\xe7d17039115a17999a39d5b6139cdc5ed5e44ac51ed94d1154e2edf9c774dfd7', '2026-11-21 06:28:31.963809+00', 'request', 'done', 'G-7', NULL, NULL),
	(69, '{"seq":69,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"tomas","name":"tomas","email":"tomas@example.com"},"deed":"approve","phase":"done","subject":"G-7","succeeded":null,"started":null,"detail":{"hash":"7e7b803d6f87f15d34d939c72062de8f51032309ed62fd52ee8ad04c685885c5","minutes":"30","step":"1"}}', '\xe7d17039115a17999a39d5b6139cdc5ed5e44ac51ed94d1154e2edf9c774dfd7', '\x926fe557dade0176392de091f7d5a7035cdeab5196c8980954a3ce85bb30f1df', '2026-11-21 06:28:31.963809+00', 'approve', 'done', 'G-7', NULL, NULL),
	(72, '{"seq":72,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"issue-session","phase":"started","subject":"G-7","succeeded":null,"started":null,"detail":{"for":"put","resources":"1","role":"claviger-access","seconds":"1800","session":"G-7-abfcfee76bef"}}', '\x62a719b1a9238a84e7cefc25578dfd75cdcb8414e46f57e88b264d41b398174c', '\x590d0e621ba3d7f2bafc2a0dfe618d1da581698309619a61ef602bd6032b0b57', '2026-11-21 06:28:31.963809+00', 'issue-session', 'started', 'G-7', NULL, NULL),
	(73, '{"seq":73,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"issue-session","phase":"completed","subject":"G-7","succeeded":true,"started":72,"detail":{"access-key":"ASIA0000000000000001"}}', '\x590d0e621ba3d7f2bafc2a0dfe618d1da581698309619a61ef602bd6032b0b57', '\x81a8a8dd225400e5c066ce33d796bfabd550c381c25a19e5bcb6109930d8bce8', '2026-11-21 06:28:31.963809+00', 'issue-session', 'completed', 'G-7', true, 72),
	(75, '{"seq":75,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"give-back","phase":"done","subject":"G-7","succeeded":null,"started":null,"detail":{"live-sessions":"true"}}', '\xab05bf21047d1d772c936aef0076e8a218b2a652a0d730d89473ad41a1b500ce', '\xf3369e80fbae5a5d0cd9376a874098f7092bfb4d37c4c9a1d1fb7f922affc87f', '2026-11-21 06:28:31.963809+00', 'give-back', 'done', 'G-7', NULL, NULL),
	(77, '{"seq":77,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"tomas","name":"tomas","email":"tomas@example.com"},"deed":"approve","phase":"done","subject":"G-8","succeeded":null,"started":null,"detail":{"hash":"eb388e9f92ac3aaf398ad3fd6de4f9e18eb393294408f713f0c17660dcb63380","minutes":"30","step":"1"}}', '\xbfc0d457f2f2610d600dbe2597a44c9bde16935c9e29edcffd6de1618a021554', '\xb7b045dab657703ab6f6200f9a0617b2eb10f648aa6708e282ede7776113c6bf', '2026-11-21 06:28:31.963809+00', 'approve', 'done', 'G-8', NULL, NULL),
	(79, '{"seq":79,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"rotate","phase":"started","subject":"G-8","succeeded":null,"started":null,"detail":{"resource":"arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/ledger-AbCdEf"}}', '\x3f4575fc787ce64c5884df267520db56dae8d69a8af9c8db22555c77f9b324dd', '\x7b594a9297745773e5c7073ac5e7d3e52c11b10f0d87622149ef8aad923f050a', '2026-11-21 06:28:31.963809+00', 'rotate', 'started', 'G-8', NULL, NULL),
	(80, '{"seq":80,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"issue-session","phase":"started","subject":"G-8","succeeded":null,"started":null,"detail":{"for":"rotate","resources":"1","role":"claviger-access","seconds":"1800","session":"G-8-0156f9c09006"}}', '\x7b594a9297745773e5c7073ac5e7d3e52c11b10f0d87622149ef8aad923f050a', '\xcd1a6112605114d8bdec2a8dbff5d8834cbb3701362dd57e3943e32a7f63030b', '2026-11-21 06:28:31.963809+00', 'issue-session', 'started', 'G-8', NULL, NULL),
	(83, '{"seq":83,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"request","phase":"done","subject":"G-9","succeeded":null,"started":null,"detail":{"action":"read","hash":"9c0325e29cf949d6115c2cebd39fa5774b0baa3f5e3d0bdf25812a7ad977687b","minutes":"30","purpose":"Reconcile the ledger.","resources":"arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/ledger-AbCdEf","rule":"Production","ticket":"PAY-1"}}', '\xf6e4a94db4528fcb8ae8dec30b0c2d7d39b91ce2153e5368ce4d422c7e535951', '\xf785b11f19b5d8c877754b4a1239dd18e53d2f16e8dbe1436451cf96d94d7dd5', '2026-11-21 06:28:31.963809+00', 'request', 'done', 'G-9', NULL, NULL),
	(85, '{"seq":85,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"request","phase":"done","subject":"G-10","succeeded":null,"started":null,"detail":{"action":"read","hash":"65d7d68e1531f692e80022c32512f4c639035615d6ffa6b771812b68bde612f5","minutes":"30","purpose":"Reconcile the ledger.","resources":"arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/ledger-AbCdEf","rule":"Production","ticket":"PAY-1"}}', '\x4924eb40f628658f33d8a72c491bb7739c7aeeda2b7e02aa86758b7a258ec54c', '\x3a07a2230aced0a23c4879f8e83bb823186fdfb580ca85072385c6d201340676', '2026-11-21 06:28:31.963809+00', 'request', 'done', 'G-10', NULL, NULL),
	(86, '{"seq":86,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"break-glass","phase":"done","subject":"G-10","succeeded":null,"started":null,"detail":{}}', '\x3a07a2230aced0a23c4879f8e83bb823186fdfb580ca85072385c6d201340676', '\x4fd3c454b126cd9e764887edd617a61f8772d47ec1544150eca459bb0d6a603e', '2026-11-21 06:28:31.963809+00', 'break-glass', 'done', 'G-10', NULL, NULL),
	(87, '{"seq":87,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"reveal","phase":"started","subject":"G-10","succeeded":null,"started":null,"detail":{"resource":"arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/ledger-AbCdEf"}}', '\x4fd3c454b126cd9e764887edd617a61f8772d47ec1544150eca459bb0d6a603e', '\xb816b2a1ea2295f3ff97ea90b130e8a1f0e90c676f8e9602a6445f20bcdf0546', '2026-11-21 06:28:31.963809+00', 'reveal', 'started', 'G-10', NULL, NULL),
	(89, '{"seq":89,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"issue-session","phase":"completed","subject":"G-10","succeeded":true,"started":88,"detail":{"access-key":"ASIA0000000000000003"}}', '\x30d16fb5c894f9d0949f752beaa9b601aa9a51e142edc49180bb5c3226f75dfc', '\xc63951fa17ceaa65a16a0c57468650c2135421a691b3b4df0dc79c45be3a4e08', '2026-11-21 06:28:31.963809+00', 'issue-session', 'completed', 'G-10', true, 88),
	(92, '{"seq":92,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"request","phase":"done","subject":"G-11","succeeded":null,"started":null,"detail":{"action":"read","hash":"65d7d68e1531f692e80022c32512f4c639035615d6ffa6b771812b68bde612f5","minutes":"30","purpose":"Reconcile the ledger.","resources":"arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/ledger-AbCdEf","rule":"Production","ticket":"PAY-1"}}', '\x1096326e9229247ac0d916e7ef53f6b52f256bb8f527ba3fcd6b9c235fa99178', '\xecb883532df40c5d9f37e6a83152ff91a1ecb04495b4c9ea023c933e58e9f6ce', '2026-11-21 06:28:31.963809+00', 'request', 'done', 'G-11', NULL, NULL),
	(93, '{"seq":93,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"break-glass","phase":"done","subject":"G-11","succeeded":null,"started":null,"detail":{}}', '\xecb883532df40c5d9f37e6a83152ff91a1ecb04495b4c9ea023c933e58e9f6ce', '\x2b2355700818bdfd69433291e1a65d49dbadb2468e5e4d9d7e98c5543072e8c3', '2026-11-21 06:28:31.963809+00', 'break-glass', 'done', 'G-11', NULL, NULL),
	(100, '{"seq":100,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"claim","phase":"done","subject":"G-12","succeeded":null,"started":null,"detail":{"minutes":"15"}}', '\x4c50f09114b2b5cd1f5d3efa9f0dca57458fe6defbc28a3d72fb561e364bbfff', '\xb1ef14a7d7df52a897b4ac1cacd694cf34a498c61b6cd838663c755fd1dbfaed', '2026-11-21 06:28:31.963809+00', 'claim', 'done', 'G-12', NULL, NULL),
	(110, '{"seq":110,"at":"2026-11-21T06:28:31.963809419Z","actor":null,"deed":"deny-session","phase":"completed","subject":"441205839201","succeeded":true,"started":109,"detail":{}}', '\x7fb9f506c5216705961fb7538201815721a6b91b14cc39e6ae44242c6926bffa', '\xee2b59675588008cd3a9aba72553b2e6a80c53903c0471ff4c9f43fb0b85833f', '2026-11-21 06:28:31.963809+00', 'deny-session', 'completed', '441205839201', true, 109),
	(113, '{"seq":113,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"request","phase":"done","subject":"G-14","succeeded":null,"started":null,"detail":{"action":"read","hash":"d1e3861a2922983b299ba17680e4176408c6720540f42648c7d9bec356eaeec5","minutes":"30","purpose":"Reconcile the ledger.","resources":"arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/stripe-AbCdEf","rule":"Production","ticket":"PAY-1"}}', '\xf835b28e41f9a86b49071a0a292203aaffacb2cc07a3aa09647b4ddcf1a31f1d', '\x84478ecce1ec244c4c043e911e9fad5cbd43e301bb75057238698475569d0e4e', '2026-11-21 06:28:31.963809+00', 'request', 'done', 'G-14', NULL, NULL),
	(118, '{"seq":118,"at":"2026-11-21T06:58:31.963809419Z","actor":null,"deed":"deny-session","phase":"started","subject":"441205839201","succeeded":null,"started":null,"detail":{"grants":"G-13","wide":"false"}}', '\x0d953557b5bd1dd1531768a24c120c365747478decd9db2223f07c3c2183a34c', '\xf13abb70b6ff6632bf1c78dddb2ad418a10a50795f2c821457dae92ca3d703b7', '2026-11-21 06:58:31.963809+00', 'deny-session', 'started', '441205839201', NULL, NULL),
	(90, '{"seq":90,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"reveal","phase":"completed","subject":"G-10","succeeded":true,"started":87,"detail":{}}', '\xc63951fa17ceaa65a16a0c57468650c2135421a691b3b4df0dc79c45be3a4e08', '\x5b055ed950f2ad9f70481adc25e4bfcd9e29662d7807873edaad71b9bf391ed2', '2026-11-21 06:28:31.963809+00', 'reveal', 'completed', 'G-10', true, 87),
	(96, '{"seq":96,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"issue-session","phase":"completed","subject":"G-11","succeeded":true,"started":95,"detail":{"access-key":"ASIA0000000000000004"}}', '\x6c079f3121418b653a250907163231ef90dd301b36d152c0a8600df5f54bae45', '\x9e639c6bb50ee3fe0fdd4bb4cc3a2c4abe907088da8bf5b33f0ae72e61b7863e', '2026-11-21 06:28:31.963809+00', 'issue-session', 'completed', 'G-11', true, 95),
	(101, '{"seq":101,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"issue-session","phase":"started","subject":"G-12","succeeded":null,"started":null,"detail":{"for":"client","resources":"1","role":"claviger-access","seconds":"900","session":"G-12-bd6b07883e67"}}', '\xb1ef14a7d7df52a897b4ac1cacd694cf34a498c61b6cd838663c755fd1dbfaed', '\xdf42888514480701e26df2a5d81c0b6611e6591d7f7410d86382ce287c841e98', '2026-11-21 06:28:31.963809+00', 'issue-session', 'started', 'G-12', NULL, NULL),
	(123, '{"seq":123,"at":"2096-11-03T08:58:31.963809419Z","actor":{"subject":"tomas","name":"tomas","email":"tomas@example.com"},"deed":"approve","phase":"done","subject":"G-15","succeeded":null,"started":null,"detail":{"hash":"70280e26c694675558ccf30cf27e12c64be255f0f43dae86d75ec7daac9f733c","minutes":"10080","step":"1"}}', '\x92a0c86fb011e6c9f72ed36b67c1359d553c8ac7e1b057721d9a76c152e2b4e6', '\xd181f4d36447afab25573d71dcba0b8d0a506148094e23e90bf6b57f3314361b', '2096-11-03 08:58:31.963809+00', 'approve', 'done', 'G-15', NULL, NULL),
	(97, '{"seq":97,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"reveal","phase":"completed","subject":"G-11","succeeded":true,"started":94,"detail":{}}', '\x9e639c6bb50ee3fe0fdd4bb4cc3a2c4abe907088da8bf5b33f0ae72e61b7863e', '\x908c5434a59c67b3ba0cbe106f8d5c5bdd4babab071bb2738ab4c345f8b083d0', '2026-11-21 06:28:31.963809+00', 'reveal', 'completed', 'G-11', true, 94),
	(103, '{"seq":103,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"request","phase":"done","subject":"G-13","succeeded":null,"started":null,"detail":{"action":"read","hash":"bf96f1967f85bb20a8c90c8bb3587617479808a1811dbf6306e80b562b8caf62","minutes":"60","purpose":"Reconcile the ledger.","resources":"arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/stripe-AbCdEf","rule":"Production","ticket":"PAY-1"}}', '\xd2bf8e9e6aaf8800dca67364fe758c4740a9558a1f5aa878b23852e676d5bc06', '\x7604db7a4d0c71fc7d58dbc6b5930cdb2be99a3bf8d7a1bc3f6114b605b7ff73', '2026-11-21 06:28:31.963809+00', 'request', 'done', 'G-13', NULL, NULL),
	(105, '{"seq":105,"at":"2026-11-21T06:28:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"claim","phase":"done","subject":"G-13","succeeded":null,"started":null,"detail":{"minutes":"60"}}', '\x21c30f844fae4a40424fc33f0895d2c22ff9d899b214c7f2525b83e2b1e8740e', '\x343b360c5973da0ea3cf6038d9316431205df9efcc7a8bb6501c87e01a2f1eb0', '2026-11-21 06:28:31.963809+00', 'claim', 'done', 'G-13', NULL, NULL),
	(111, '{"seq":111,"at":"2026-11-21T06:28:31.963809419Z","actor":null,"deed":"confirm-denial","phase":"done","subject":"G-7","succeeded":null,"started":null,"detail":{"seconds":"0.0"}}', '\xee2b59675588008cd3a9aba72553b2e6a80c53903c0471ff4c9f43fb0b85833f', '\x9279f3b71c999ec47d582135500f852f2e8115332426161d82ef1f625b33dd2d', '2026-11-21 06:28:31.963809+00', 'confirm-denial', 'done', 'G-7', NULL, NULL),
	(116, '{"seq":116,"at":"2026-11-21T06:58:31.963809419Z","actor":null,"deed":"end","phase":"done","subject":"G-11","succeeded":null,"started":null,"detail":{}}', '\xcc9281d4481e33bd84ec77e563982a859b84cba347607ac146794254ecfc2778', '\x17cb85ca74655d70f626e0fb72ac641d0a151fd9e127570de4374103bf0b7c6f', '2026-11-21 06:58:31.963809+00', 'end', 'done', 'G-11', NULL, NULL),
	(122, '{"seq":122,"at":"2096-11-03T08:58:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"request","phase":"done","subject":"G-15","succeeded":null,"started":null,"detail":{"action":"read","hash":"70280e26c694675558ccf30cf27e12c64be255f0f43dae86d75ec7daac9f733c","minutes":"10080","purpose":"Reconcile the ledger.","resources":"arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/ledger-AbCdEf","rule":"Production","ticket":"PAY-1"}}', '\xf41f6e076956c803b244a96e4667a8728e160a0f1ce2a0b9adaf5babccaec907', '\x92a0c86fb011e6c9f72ed36b67c1359d553c8ac7e1b057721d9a76c152e2b4e6', '2096-11-03 08:58:31.963809+00', 'request', 'done', 'G-15', NULL, NULL),
	(130, '{"seq":130,"at":"2096-11-03T08:58:31.963809419Z","actor":{"subject":"mira","name":"mira","email":"mira@example.com"},"deed":"issue-session","phase":"started","subject":"G-16","succeeded":null,"started":null,"detail":{"for":"client","resources":"1","role":"claviger-access","seconds":"3600","session":"G-16-9303b5bc280b"}}', '\xddd021b9499b1e4af8281b4bbcc51e88856824246b8eae868e35a3d36b83fafc', '\x075d62a720faac4546c4729cbc70c03c7f0c44b16ce3db4029ec76c9baf4a7b0', '2096-11-03 08:58:31.963809+00', 'issue-session', 'started', 'G-16', NULL, NULL);

INSERT INTO public.audit_head VALUES
	(true, 14, '2026-11-28 01:08:23.387698+00');

INSERT INTO public.config_result VALUES
	('441205839201', 'us-east-1', 'securityhub-rotation', 'SECRETSMANAGER_ROTATION_ENABLED_CHECK', NULL, 'arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/stripe-AbCdEf', 'NON_COMPLIANT', '2026-11-18 01:08:31.963809+00', NULL);

INSERT INTO public.delivery OVERRIDING SYSTEM VALUE VALUES
	(2, 1, 'events', 'waiting', 1, '2026-11-28 01:08:53.452677+00', '2026-11-28 01:08:23.489039+00', 'error sending request: client error (Connect): tcp connect error: Connection refused (os error 111)', NULL),
	(1, 1, 'chat', 'skipped', 1, '2026-11-28 01:08:53.445822+00', NULL, NULL, '2026-11-28 01:08:23.484056+00'),
	(3, 2, 'email', 'given-up', 1, '2026-11-19 02:29:01.963809+00', '2026-11-19 02:28:31.963809+00', 'no such mailbox', '2026-11-19 02:28:31.963809+00'),
	(4, 3, 'email', 'delivered', 1, '2026-11-19 02:29:01.963809+00', NULL, NULL, '2026-11-19 02:28:31.963809+00'),
	(5, 4, 'email', 'delivered', 1, '2026-11-19 02:29:01.963809+00', NULL, NULL, '2026-11-19 02:28:31.963809+00'),
	(7, 5, 'events', 'delivered', 1, '2026-11-19 02:29:01.963809+00', NULL, NULL, '2026-11-19 02:28:31.963809+00'),
	(8, 6, 'email', 'delivered', 1, '2026-11-19 02:29:01.963809+00', NULL, NULL, '2026-11-19 02:28:31.963809+00'),
	(9, 7, 'email', 'delivered', 1, '2026-11-19 02:29:01.963809+00', NULL, NULL, '2026-11-19 02:28:31.963809+00'),
	(10, 8, 'email', 'delivered', 1, '2026-11-19 04:29:01.963809+00', NULL, NULL, '2026-11-19 04:28:31.963809+00'),
	(12, 9, 'events', 'delivered', 1, '2026-11-19 04:29:01.963809+00', NULL, NULL, '2026-11-19 04:28:31.963809+00'),
	(13, 10, 'email', 'delivered', 1, '2026-11-19 04:29:01.963809+00', NULL, NULL, '2026-11-19 04:28:31.963809+00'),
	(14, 11, 'email', 'delivered', 1, '2026-11-19 04:29:01.963809+00', NULL, NULL, '2026-11-19 04:28:31.963809+00'),
	(15, 12, 'email', 'given-up', 1, '2026-11-19 06:29:01.963809+00', '2026-11-19 06:28:31.963809+00', 'no such mailbox', '2026-11-19 06:28:31.963809+00'),
	(16, 13, 'email', 'delivered', 1, '2026-11-19 06:29:01.963809+00', NULL, NULL, '2026-11-19 06:28:31.963809+00'),
	(17, 14, 'email', 'delivered', 1, '2026-11-19 06:29:01.963809+00', NULL, NULL, '2026-11-19 06:28:31.963809+00'),
	(19, 15, 'events', 'delivered', 1, '2026-11-19 06:29:01.963809+00', NULL, NULL, '2026-11-19 06:28:31.963809+00'),
	(20, 16, 'email', 'given-up', 1, '2026-11-19 06:29:01.963809+00', '2026-11-19 06:28:31.963809+00', 'no such mailbox', '2026-11-19 06:28:31.963809+00'),
	(21, 17, 'email', 'delivered', 1, '2026-11-19 06:29:01.963809+00', NULL, NULL, '2026-11-19 06:28:31.963809+00'),
	(22, 18, 'email', 'delivered', 1, '2026-11-19 06:29:01.963809+00', NULL, NULL, '2026-11-19 06:28:31.963809+00'),
	(24, 19, 'events', 'delivered', 1, '2026-11-19 06:29:01.963809+00', NULL, NULL, '2026-11-19 06:28:31.963809+00'),
	(25, 20, 'email', 'delivered', 1, '2026-11-19 06:29:01.963809+00', NULL, NULL, '2026-11-19 06:28:31.963809+00'),
	(26, 21, 'email', 'given-up', 1, '2026-11-19 06:29:01.963809+00', '2026-11-19 06:28:31.963809+00', 'no such mailbox', '2026-11-19 06:28:31.963809+00'),
	(27, 22, 'email', 'delivered', 1, '2026-11-19 06:29:01.963809+00', NULL, NULL, '2026-11-19 06:28:31.963809+00'),
	(28, 23, 'email', 'delivered', 1, '2026-11-19 06:29:01.963809+00', NULL, NULL, '2026-11-19 06:28:31.963809+00'),
	(30, 24, 'events', 'delivered', 1, '2026-11-19 06:29:01.963809+00', NULL, NULL, '2026-11-19 06:28:31.963809+00'),
	(31, 25, 'email', 'delivered', 1, '2026-11-19 06:29:01.963809+00', NULL, NULL, '2026-11-19 06:28:31.963809+00'),
	(33, 26, 'events', 'delivered', 1, '2026-11-19 06:29:01.963809+00', NULL, NULL, '2026-11-19 06:28:31.963809+00'),
	(34, 27, 'email', 'delivered', 1, '2026-11-19 06:29:01.963809+00', NULL, NULL, '2026-11-19 06:28:31.963809+00'),
	(35, 28, 'email', 'given-up', 1, '2026-11-19 06:29:01.963809+00', '2026-11-19 06:28:31.963809+00', 'no such mailbox', '2026-11-19 06:28:31.963809+00'),
	(36, 29, 'email', 'delivered', 1, '2026-11-19 06:29:01.963809+00', NULL, NULL, '2026-11-19 06:28:31.963809+00'),
	(37, 30, 'email', 'delivered', 1, '2026-11-19 06:29:01.963809+00', NULL, NULL, '2026-11-19 06:28:31.963809+00'),
	(39, 31, 'events', 'delivered', 1, '2026-11-19 06:29:01.963809+00', NULL, NULL, '2026-11-19 06:28:31.963809+00'),
	(40, 32, 'email', 'delivered', 1, '2026-11-19 06:29:01.963809+00', NULL, NULL, '2026-11-19 06:28:31.963809+00'),
	(41, 33, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(43, 34, 'events', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(44, 35, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(45, 36, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(46, 37, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(48, 38, 'events', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(50, 39, 'events', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(51, 40, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(53, 41, 'events', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(54, 42, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(56, 43, 'events', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(58, 45, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(63, 49, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(64, 50, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(57, 44, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(59, 46, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(61, 47, 'events', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(62, 48, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(103, 82, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(77, 60, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(78, 61, 'email', 'given-up', 1, '2026-11-21 06:29:01.963809+00', '2026-11-21 06:28:31.963809+00', 'no such mailbox', '2026-11-21 06:28:31.963809+00'),
	(79, 62, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(80, 63, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(82, 64, 'events', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(96, 76, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(117, 95, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(119, 97, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(42, 34, 'chat', 'waiting', 3, '2026-11-21 09:00:31.963809+00', '2026-11-21 08:58:31.963809+00', 'the channel is down', NULL),
	(47, 38, 'chat', 'waiting', 3, '2026-11-21 09:00:31.963809+00', '2026-11-21 08:58:31.963809+00', 'the channel is down', NULL),
	(49, 39, 'chat', 'waiting', 3, '2026-11-21 09:00:31.963809+00', '2026-11-21 08:58:31.963809+00', 'the channel is down', NULL),
	(55, 43, 'chat', 'waiting', 3, '2026-11-21 09:00:31.963809+00', '2026-11-21 08:58:31.963809+00', 'the channel is down', NULL),
	(81, 64, 'chat', 'waiting', 3, '2026-11-21 09:00:31.963809+00', '2026-11-21 08:58:31.963809+00', 'the channel is down', NULL),
	(18, 15, 'chat', 'waiting', 4, '2026-11-21 09:02:31.963809+00', '2026-11-21 08:58:31.963809+00', 'the channel is down', NULL),
	(23, 19, 'chat', 'waiting', 4, '2026-11-21 09:02:31.963809+00', '2026-11-21 08:58:31.963809+00', 'the channel is down', NULL),
	(29, 24, 'chat', 'waiting', 4, '2026-11-21 09:02:31.963809+00', '2026-11-21 08:58:31.963809+00', 'the channel is down', NULL),
	(32, 26, 'chat', 'waiting', 4, '2026-11-21 09:02:31.963809+00', '2026-11-21 08:58:31.963809+00', 'the channel is down', NULL),
	(66, 51, 'events', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(83, 65, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(84, 66, 'email', 'given-up', 1, '2026-11-21 06:29:01.963809+00', '2026-11-21 06:28:31.963809+00', 'no such mailbox', '2026-11-21 06:28:31.963809+00'),
	(85, 67, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(86, 68, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(88, 69, 'events', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(90, 71, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(91, 72, 'email', 'given-up', 1, '2026-11-21 06:29:01.963809+00', '2026-11-21 06:28:31.963809+00', 'no such mailbox', '2026-11-21 06:28:31.963809+00'),
	(92, 73, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(93, 74, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(95, 75, 'events', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(104, 83, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(112, 90, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(124, 101, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(146, 120, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(147, 121, 'email', 'given-up', 1, '2026-11-21 06:29:01.963809+00', '2026-11-21 06:28:31.963809+00', 'no such mailbox', '2026-11-21 06:28:31.963809+00'),
	(148, 122, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(149, 123, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(151, 124, 'events', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(171, 141, 'email', 'delivered', 1, '2026-11-21 06:59:01.963809+00', NULL, NULL, '2026-11-21 06:58:31.963809+00'),
	(65, 51, 'chat', 'waiting', 3, '2026-11-21 09:00:31.963809+00', '2026-11-21 08:58:31.963809+00', 'the channel is down', NULL),
	(87, 69, 'chat', 'waiting', 3, '2026-11-21 09:00:31.963809+00', '2026-11-21 08:58:31.963809+00', 'the channel is down', NULL),
	(94, 75, 'chat', 'waiting', 3, '2026-11-21 09:00:31.963809+00', '2026-11-21 08:58:31.963809+00', 'the channel is down', NULL),
	(150, 124, 'chat', 'waiting', 3, '2026-11-21 09:00:31.963809+00', '2026-11-21 08:58:31.963809+00', 'the channel is down', NULL),
	(179, 148, 'chat', 'waiting', 0, '2096-11-03 08:58:31.963809+00', NULL, NULL, NULL),
	(180, 148, 'events', 'waiting', 0, '2096-11-03 08:58:31.963809+00', NULL, NULL, NULL),
	(67, 52, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(174, 144, 'email', 'delivered', 1, '2026-11-21 06:59:01.963809+00', NULL, NULL, '2026-11-21 06:58:31.963809+00'),
	(11, 9, 'chat', 'waiting', 5, '2026-11-21 09:06:31.963809+00', '2026-11-21 08:58:31.963809+00', 'the channel is down', NULL),
	(178, 147, 'email', 'waiting', 0, '2096-11-03 08:58:31.963809+00', NULL, NULL, NULL),
	(182, 150, 'email', 'waiting', 0, '2096-11-03 08:58:31.963809+00', NULL, NULL, NULL);
INSERT INTO public.delivery OVERRIDING SYSTEM VALUE VALUES
	(68, 53, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(70, 54, 'events', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(71, 55, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(72, 56, 'email', 'given-up', 1, '2026-11-21 06:29:01.963809+00', '2026-11-21 06:28:31.963809+00', 'no such mailbox', '2026-11-21 06:28:31.963809+00'),
	(73, 57, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(74, 58, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(76, 59, 'events', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(89, 70, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(97, 77, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(98, 78, 'email', 'given-up', 1, '2026-11-21 06:29:01.963809+00', '2026-11-21 06:28:31.963809+00', 'no such mailbox', '2026-11-21 06:28:31.963809+00'),
	(99, 79, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(100, 80, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(102, 81, 'events', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(105, 84, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(106, 85, 'email', 'given-up', 1, '2026-11-21 06:29:01.963809+00', '2026-11-21 06:28:31.963809+00', 'no such mailbox', '2026-11-21 06:28:31.963809+00'),
	(107, 86, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(108, 87, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(110, 88, 'events', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(111, 89, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(113, 91, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(114, 92, 'email', 'given-up', 1, '2026-11-21 06:29:01.963809+00', '2026-11-21 06:28:31.963809+00', 'no such mailbox', '2026-11-21 06:28:31.963809+00'),
	(115, 93, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(116, 94, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(118, 96, 'email', 'given-up', 1, '2026-11-21 06:29:01.963809+00', '2026-11-21 06:28:31.963809+00', 'no such mailbox', '2026-11-21 06:28:31.963809+00'),
	(123, 100, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(139, 114, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(140, 115, 'email', 'given-up', 1, '2026-11-21 06:29:01.963809+00', '2026-11-21 06:28:31.963809+00', 'no such mailbox', '2026-11-21 06:28:31.963809+00'),
	(141, 116, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(142, 117, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(144, 118, 'events', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(145, 119, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(153, 126, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(154, 127, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(155, 128, 'email', 'given-up', 1, '2026-11-21 06:29:01.963809+00', '2026-11-21 06:28:31.963809+00', 'no such mailbox', '2026-11-21 06:28:31.963809+00'),
	(156, 129, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(157, 130, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(159, 131, 'events', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(161, 133, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(160, 132, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(165, 136, 'email', 'delivered', 1, '2026-11-21 06:59:01.963809+00', NULL, NULL, '2026-11-21 06:58:31.963809+00'),
	(166, 137, 'email', 'given-up', 1, '2026-11-21 06:59:01.963809+00', '2026-11-21 06:58:31.963809+00', 'no such mailbox', '2026-11-21 06:58:31.963809+00'),
	(167, 138, 'email', 'delivered', 1, '2026-11-21 06:59:01.963809+00', NULL, NULL, '2026-11-21 06:58:31.963809+00'),
	(168, 139, 'email', 'delivered', 1, '2026-11-21 06:59:01.963809+00', NULL, NULL, '2026-11-21 06:58:31.963809+00'),
	(170, 140, 'events', 'delivered', 1, '2026-11-21 06:59:01.963809+00', NULL, NULL, '2026-11-21 06:58:31.963809+00'),
	(173, 143, 'email', 'delivered', 1, '2026-11-21 06:59:01.963809+00', NULL, NULL, '2026-11-21 06:58:31.963809+00'),
	(169, 140, 'chat', 'waiting', 2, '2026-11-21 08:59:31.963809+00', '2026-11-21 08:58:31.963809+00', 'the channel is down', NULL),
	(60, 47, 'chat', 'waiting', 3, '2026-11-21 09:00:31.963809+00', '2026-11-21 08:58:31.963809+00', 'the channel is down', NULL),
	(52, 41, 'chat', 'waiting', 3, '2026-11-21 09:00:31.963809+00', '2026-11-21 08:58:31.963809+00', 'the channel is down', NULL),
	(69, 54, 'chat', 'waiting', 3, '2026-11-21 09:00:31.963809+00', '2026-11-21 08:58:31.963809+00', 'the channel is down', NULL),
	(75, 59, 'chat', 'waiting', 3, '2026-11-21 09:00:31.963809+00', '2026-11-21 08:58:31.963809+00', 'the channel is down', NULL),
	(101, 81, 'chat', 'waiting', 3, '2026-11-21 09:00:31.963809+00', '2026-11-21 08:58:31.963809+00', 'the channel is down', NULL),
	(109, 88, 'chat', 'waiting', 3, '2026-11-21 09:00:31.963809+00', '2026-11-21 08:58:31.963809+00', 'the channel is down', NULL),
	(143, 118, 'chat', 'waiting', 3, '2026-11-21 09:00:31.963809+00', '2026-11-21 08:58:31.963809+00', 'the channel is down', NULL),
	(158, 131, 'chat', 'waiting', 3, '2026-11-21 09:00:31.963809+00', '2026-11-21 08:58:31.963809+00', 'the channel is down', NULL),
	(38, 31, 'chat', 'waiting', 4, '2026-11-21 09:02:31.963809+00', '2026-11-21 08:58:31.963809+00', 'the channel is down', NULL),
	(6, 5, 'chat', 'waiting', 6, '2026-11-21 09:14:31.963809+00', '2026-11-21 08:58:31.963809+00', 'the channel is down', NULL),
	(175, 145, 'chat', 'waiting', 0, '2096-11-03 08:58:31.963809+00', NULL, NULL, NULL),
	(176, 145, 'events', 'waiting', 0, '2096-11-03 08:58:31.963809+00', NULL, NULL, NULL),
	(120, 98, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(122, 99, 'events', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(162, 134, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(164, 135, 'events', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(172, 142, 'email', 'delivered', 1, '2026-11-21 06:59:01.963809+00', NULL, NULL, '2026-11-21 06:58:31.963809+00'),
	(121, 99, 'chat', 'waiting', 3, '2026-11-21 09:00:31.963809+00', '2026-11-21 08:58:31.963809+00', 'the channel is down', NULL),
	(163, 135, 'chat', 'waiting', 3, '2026-11-21 09:00:31.963809+00', '2026-11-21 08:58:31.963809+00', 'the channel is down', NULL),
	(181, 149, 'email', 'waiting', 0, '2096-11-03 08:58:31.963809+00', NULL, NULL, NULL),
	(183, 151, 'email', 'waiting', 0, '2096-11-03 08:58:31.963809+00', NULL, NULL, NULL),
	(184, 152, 'chat', 'waiting', 0, '2096-11-03 08:58:31.963809+00', NULL, NULL, NULL),
	(185, 152, 'events', 'waiting', 0, '2096-11-03 08:58:31.963809+00', NULL, NULL, NULL),
	(125, 102, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(126, 103, 'email', 'given-up', 1, '2026-11-21 06:29:01.963809+00', '2026-11-21 06:28:31.963809+00', 'no such mailbox', '2026-11-21 06:28:31.963809+00'),
	(127, 104, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(128, 105, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(130, 106, 'events', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(131, 107, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(132, 108, 'email', 'given-up', 1, '2026-11-21 06:29:01.963809+00', '2026-11-21 06:28:31.963809+00', 'no such mailbox', '2026-11-21 06:28:31.963809+00'),
	(133, 109, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(134, 110, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(136, 111, 'events', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(137, 112, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(129, 106, 'chat', 'waiting', 3, '2026-11-21 09:00:31.963809+00', '2026-11-21 08:58:31.963809+00', 'the channel is down', NULL),
	(135, 111, 'chat', 'waiting', 3, '2026-11-21 09:00:31.963809+00', '2026-11-21 08:58:31.963809+00', 'the channel is down', NULL),
	(177, 146, 'email', 'waiting', 0, '2096-11-03 08:58:31.963809+00', NULL, NULL, NULL),
	(138, 113, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(152, 125, 'email', 'delivered', 1, '2026-11-21 06:29:01.963809+00', NULL, NULL, '2026-11-21 06:28:31.963809+00');

INSERT INTO public.digest VALUES
	('ada', '2026-11-16'),
	('ben', '2026-11-16'),
	('mira', '2026-11-16'),
	('sol', '2026-11-16'),
	('tomas', '2026-11-16');

INSERT INTO public.evaluation VALUES
	('441205839201', '2026-11-21 06:28:31.963809+00', '2027-01-30 09:00:00+00', '\x4e0177c75ba3f2785dade79a47987adeb507ed278ceb40103abf686780f36753', 8, 4, '2026-12-02 01:08:31.963809+00'),
	('458812704336', '2026-11-21 06:28:31.963809+00', '2027-01-30 09:00:00+00', '\xab198cb8603d2bcd97fc40859b5cba73ce67ddf9b3c21eaf17a1b13cfe5b2a21', 7, 2, '2026-12-18 01:08:31.963809+00'),
	('561840927734', '2026-11-21 06:28:31.963809+00', '2027-01-30 09:00:00+00', '\xdba262eb77066482f4f99b05b172c1176a6850d15665fe5fadce6545e1eea5c7', 7, 2, '2026-12-18 01:08:31.963809+00');

INSERT INTO public.inventory_export VALUES
	('ada', 'token', 8, 0, '2026-11-21 08:58:31.963809+00', NULL, false);

INSERT INTO public.judgement VALUES
	('01a21fb2-5be9-7526-9d27-5c52ef658e4d', '441205839201', '\x99967e528df8dfc96bece71c599b293aface4bf5f5a39d6a678de4803378ed7b', NULL, NULL, '----f-f--u-pfuu-', 'Its tags could not be read.
Its tags could not be read.
Its tags could not be read.', '\xf6e96595fd56365955b94510c39a937435654d748f8d03c17d311f57d5b969b9', '2027-11-01 09:00:00+00'),
	('01a21fb2-5be0-715d-b4aa-6ac8445d5a01', '441205839201', '\xd926fcdf2f9f461c18453c90018e0ff1c78408dee780a69c4a02ff270774f0ea', '\x7b7f9296fbf73a33a930b105c0b3ece1c50896bf989080dda70d7245a3deb815', NULL, 'ppp-----fpppffpp', NULL, '\xaf3c114c72931491ade5181e201e392c4d0cc9ec93a251345c4cfefce219c6c1', '2027-01-30 09:00:00+00'),
	('01a21fb2-5be0-715d-b4aa-6ac972eb418b', '441205839201', '\x9b699db37f14b944956076bd4fe0b01547dfbcd0e09497dcd4243827ed6665fe', '\x7b7f9296fbf73a33a930b105c0b3ece1c50896bf989080dda70d7245a3deb815', NULL, 'ppp------pfpfppp', NULL, '\x21720eff8eb77a406d6c290aad3c2e12e02869f3c6814e4c7bc341ec9f5ab8a7', '2027-01-30 09:00:00+00'),
	('01a21fb2-5bee-74f6-93de-84273c88cb18', '441205839201', '\xbe7367617ef1740ccd39cbedf7e5d495d97442ade557b47f4e0f39f7a94ce3f7', '\x2ca7e506c5301a7031f5e6b5d8807daf981afda870c64e25b81588ee205a1ea7', NULL, 'fpf------pfppppp', NULL, '\xf26f6b6c1cde92beeebf7a1a24edc2c0444d5b3d38ef84d15e38c93f1e46327e', '2027-01-30 09:00:00+00'),
	('01a21fb2-5c7f-758e-9e7d-924a3d5eb04b', '458812704336', '\x37eef04f330ad5cfa110661a4907353f4327512093f2f7027916791d0f2fd19e', NULL, NULL, '----p-p--u-pfuu-', 'Its tags could not be read.
Its tags could not be read.
Its tags could not be read.', '\xf6a8aecbb245a780018cd5e8dcdffd5a3b6e5e9a956b0e412a2fce48b55455e1', '2027-11-01 09:00:00+00'),
	('01a21fb2-5c1b-72f0-b0f5-ecc3d1e2805c', '458812704336', '\xd4b4bd0a28ff14ba3d51dfd459f62355ace14d6fc64645b4a2edfd5f3623f88a', '\x7b7f9296fbf73a33a930b105c0b3ece1c50896bf989080dda70d7245a3deb815', NULL, 'ppp------ffpfwpp', NULL, '\xdad46cd2fd97aa4550b17e33162868bf43864f303780bbc5a5f4daeda2a8a495', '2027-01-30 09:00:00+00'),
	('01a21fb2-5cb7-7476-8f18-e29686db31d3', '561840927734', '\x572ec888d837acdaf47d2ad852ec58c1fc2acb12cd07d11f330ff13ee4b23dbd', '\x7b7f9296fbf73a33a930b105c0b3ece1c50896bf989080dda70d7245a3deb815', NULL, 'ppp------pfpffpp', NULL, '\xbd9087377aa42d30190feda67221e0d6b70d018da7e3495b7d84c24b43a5151f', '2027-01-30 09:00:00+00'),
	('01a21fb2-5cb7-7476-8f18-e2955cb79294', '561840927734', '\x6e97cb9396cce991d5e69dbb30913e68d447693da258aa9d5a53400ff1547ce1', '\x7b7f9296fbf73a33a930b105c0b3ece1c50896bf989080dda70d7245a3deb815', NULL, 'ppp------pfpfppp', NULL, '\x21720eff8eb77a406d6c290aad3c2e12e02869f3c6814e4c7bc341ec9f5ab8a7', '2027-01-30 09:00:00+00');

INSERT INTO public.kms_key VALUES
	('441205839201', 'us-east-1', 'alias/payments', '{"read": {"arn": "arn:aws:kms:us-east-1:441205839201:key/1", "state": "Enabled", "aliases": ["alias/payments"], "manager": "CUSTOMER", "deletion_at": null, "is_multi_region": false}}', '2026-11-18 01:08:31.963809+00');

INSERT INTO public.notice OVERRIDING SYSTEM VALUE VALUES
	(1, NULL, 'audit-head', NULL, 'Audit log head', 'seq=14 head=cfd82cd8ba0ef030899874372d64d720f5b141db38985322660cd44ff1a931ef', '/audit', '2026-11-28 01:08:23.387698+00', NULL, NULL),
	(2, 'ben', 'plan-waits', NULL, 'ada plans: Set the tags env=prod: checkout/api', 'They need it. Your approval is needed.', '/remediation/P-1', '2026-11-19 02:28:31.963809+00', NULL, NULL),
	(5, NULL, 'plan-waits', NULL, 'ada plans: Set the tags env=prod: checkout/api', 'They need it. Your approval is needed.', '/remediation/P-1', '2026-11-19 02:28:31.963809+00', NULL, NULL),
	(3, 'sol', 'plan-waits', NULL, 'ada plans: Set the tags env=prod: checkout/api', 'They need it. Your approval is needed.', '/remediation/P-1', '2026-11-19 02:28:31.963809+00', NULL, '2026-11-19 02:28:31.963809+00'),
	(4, 'tomas', 'plan-waits', NULL, 'ada plans: Set the tags env=prod: checkout/api', 'They need it. Your approval is needed.', '/remediation/P-1', '2026-11-19 02:28:31.963809+00', NULL, '2026-11-19 02:28:31.963809+00'),
	(6, 'ada', 'plan-decided', NULL, 'Approved: Set the tags env=prod: checkout/api', 'So.', '/remediation/P-1', '2026-11-19 02:28:31.963809+00', NULL, '2026-11-19 02:28:31.963809+00'),
	(7, 'ada', 'plan-ended', NULL, 'P-1 has ended', '0 calls are done, 1 failed.', '/remediation/P-1', '2026-11-19 02:28:31.963809+00', NULL, '2026-11-19 02:28:31.963809+00'),
	(9, NULL, 'plan-waits', NULL, 'ada plans: Set the tags env=prod: ml/openai', 'They need it. Your approval is needed.', '/remediation/P-2', '2026-11-19 04:28:31.963809+00', NULL, NULL),
	(8, 'sol', 'plan-waits', NULL, 'ada plans: Set the tags env=prod: ml/openai', 'They need it. Your approval is needed.', '/remediation/P-2', '2026-11-19 04:28:31.963809+00', NULL, '2026-11-19 04:28:31.963809+00'),
	(10, 'ada', 'plan-decided', NULL, 'Approved: Set the tags env=prod: ml/openai', 'So.', '/remediation/P-2', '2026-11-19 04:28:31.963809+00', NULL, '2026-11-19 04:28:31.963809+00'),
	(11, 'ada', 'plan-ended', NULL, 'P-2 has ended', '1 calls are done, 0 failed.', '/remediation/P-2', '2026-11-19 04:28:31.963809+00', NULL, '2026-11-19 04:28:31.963809+00'),
	(12, 'ben', 'plan-waits', NULL, 'ada plans: Set the tags env=prod: payments/ledger', 'They need it. Your approval is needed.', '/remediation/P-3', '2026-11-19 06:28:31.963809+00', NULL, NULL),
	(15, NULL, 'plan-waits', NULL, 'ada plans: Set the tags env=prod: payments/ledger', 'They need it. Your approval is needed.', '/remediation/P-3', '2026-11-19 06:28:31.963809+00', NULL, NULL),
	(16, 'ben', 'plan-waits', NULL, 'ada plans: Set the tags env=prod: payments/stripe', 'They need it. Your approval is needed.', '/remediation/P-4', '2026-11-19 06:28:31.963809+00', NULL, NULL),
	(19, NULL, 'plan-waits', NULL, 'ada plans: Set the tags env=prod: payments/stripe', 'They need it. Your approval is needed.', '/remediation/P-4', '2026-11-19 06:28:31.963809+00', NULL, NULL),
	(21, 'ben', 'plan-waits', NULL, 'ada plans: Set the tags env=prod: payments/stripe', 'They need it. Your approval is needed.', '/remediation/P-5', '2026-11-19 06:28:31.963809+00', NULL, NULL),
	(24, NULL, 'plan-waits', NULL, 'ada plans: Set the tags env=prod: payments/stripe', 'They need it. Your approval is needed.', '/remediation/P-5', '2026-11-19 06:28:31.963809+00', NULL, NULL),
	(26, NULL, 'plan-waits', NULL, 'ada plans: Set the tags env=prod: ml/notebook', 'They need it. Your approval is needed.', '/remediation/P-6', '2026-11-19 06:28:31.963809+00', NULL, NULL),
	(28, 'ben', 'plan-waits', NULL, 'ada plans: Set the tags env=prod (2 calls)', 'They need it. Your approval is needed.', '/remediation/P-7', '2026-11-19 06:28:31.963809+00', NULL, NULL),
	(31, NULL, 'plan-waits', NULL, 'ada plans: Set the tags env=prod (2 calls)', 'They need it. Your approval is needed.', '/remediation/P-7', '2026-11-19 06:28:31.963809+00', NULL, NULL),
	(13, 'sol', 'plan-waits', NULL, 'ada plans: Set the tags env=prod: payments/ledger', 'They need it. Your approval is needed.', '/remediation/P-3', '2026-11-19 06:28:31.963809+00', NULL, '2026-11-19 06:28:31.963809+00'),
	(14, 'tomas', 'plan-waits', NULL, 'ada plans: Set the tags env=prod: payments/ledger', 'They need it. Your approval is needed.', '/remediation/P-3', '2026-11-19 06:28:31.963809+00', NULL, '2026-11-19 06:28:31.963809+00'),
	(17, 'sol', 'plan-waits', NULL, 'ada plans: Set the tags env=prod: payments/stripe', 'They need it. Your approval is needed.', '/remediation/P-4', '2026-11-19 06:28:31.963809+00', NULL, '2026-11-19 06:28:31.963809+00'),
	(18, 'tomas', 'plan-waits', NULL, 'ada plans: Set the tags env=prod: payments/stripe', 'They need it. Your approval is needed.', '/remediation/P-4', '2026-11-19 06:28:31.963809+00', NULL, '2026-11-19 06:28:31.963809+00'),
	(20, 'ada', 'plan-decided', NULL, 'Denied: Set the tags env=prod: payments/stripe', 'So.', '/remediation/P-4', '2026-11-19 06:28:31.963809+00', NULL, '2026-11-19 06:28:31.963809+00'),
	(22, 'sol', 'plan-waits', NULL, 'ada plans: Set the tags env=prod: payments/stripe', 'They need it. Your approval is needed.', '/remediation/P-5', '2026-11-19 06:28:31.963809+00', NULL, '2026-11-19 06:28:31.963809+00'),
	(23, 'tomas', 'plan-waits', NULL, 'ada plans: Set the tags env=prod: payments/stripe', 'They need it. Your approval is needed.', '/remediation/P-5', '2026-11-19 06:28:31.963809+00', NULL, '2026-11-19 06:28:31.963809+00'),
	(25, 'sol', 'plan-waits', NULL, 'ada plans: Set the tags env=prod: ml/notebook', 'They need it. Your approval is needed.', '/remediation/P-6', '2026-11-19 06:28:31.963809+00', NULL, '2026-11-19 06:28:31.963809+00'),
	(27, 'ada', 'plan-decided', NULL, 'Approved: Set the tags env=prod: ml/notebook', 'So.', '/remediation/P-6', '2026-11-19 06:28:31.963809+00', NULL, '2026-11-19 06:28:31.963809+00'),
	(29, 'sol', 'plan-waits', NULL, 'ada plans: Set the tags env=prod (2 calls)', 'They need it. Your approval is needed.', '/remediation/P-7', '2026-11-19 06:28:31.963809+00', NULL, '2026-11-19 06:28:31.963809+00'),
	(30, 'tomas', 'plan-waits', NULL, 'ada plans: Set the tags env=prod (2 calls)', 'They need it. Your approval is needed.', '/remediation/P-7', '2026-11-19 06:28:31.963809+00', NULL, '2026-11-19 06:28:31.963809+00'),
	(32, 'ada', 'plan-decided', NULL, 'Approved: Set the tags env=prod (2 calls)', 'So.', '/remediation/P-7', '2026-11-19 06:28:31.963809+00', NULL, '2026-11-19 06:28:31.963809+00'),
	(34, NULL, 'waiver-waits', NULL, 'ada asks for an exception: Every resource names its environment, payments/ledger (Payments Prod, us-east-1)', 'It moves. Your approval is needed.', '/exceptions/W-1', '2026-11-19 06:28:31.963809+00', NULL, NULL),
	(33, 'sol', 'waiver-waits', NULL, 'ada asks for an exception: Every resource names its environment, payments/ledger (Payments Prod, us-east-1)', 'It moves. Your approval is needed.', '/exceptions/W-1', '2026-11-19 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(35, 'ada', 'waiver-decided', NULL, 'Exception approved: payments/ledger (Payments Prod, us-east-1)', 'So.', '/exceptions/W-1', '2026-11-19 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(38, NULL, 'findings-overdue', NULL, 'A finding is past its day (critical): No secret is open to anyone, Payments Prod', 'payments/stripe.', '/findings?policy=public-policy&account=441205839201&state=overdue', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(39, NULL, 'findings-overdue', NULL, 'A finding is past its day (critical): No secret is shared outside the Organization, Payments Prod', 'payments/stripe.', '/findings?policy=shared-outside&account=441205839201&state=overdue', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(36, 'ada', 'waiver-expired', NULL, 'Exception over: payments/ledger (Payments Prod, us-east-1)', 'Its day has come: what it bore counts again.', '/exceptions/W-1', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(37, 'ada', 'plan-ended', NULL, 'P-7 has ended', '2 calls are done, 0 failed.', '/remediation/P-7', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(41, NULL, 'waiver-waits', NULL, 'ada asks for an exception: Every resource names its environment, Research Sandbox', 'It moves. Your approval is needed.', '/exceptions/W-2', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(43, NULL, 'waiver-waits', NULL, 'ada asks for an exception: Every resource names its environment, Checkout Prod', 'It moves. Your approval is needed.', '/exceptions/W-3', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(42, 'sol', 'waiver-waits', NULL, 'ada asks for an exception: Every resource names its environment, Checkout Prod', 'It moves. Your approval is needed.', '/exceptions/W-3', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(45, 'ada', 'waiver-decided', NULL, 'Exception reviewed: Checkout Prod', 'So.', '/exceptions/W-3', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(44, 'ada', 'waiver-decided', NULL, 'Exception approved: Checkout Prod', 'So.', '/exceptions/W-3', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(47, NULL, 'waiver-waits', NULL, 'ada asks for an exception: Nobody reads by path, The whole Organization', 'It moves. Your approval is needed.', '/exceptions/W-4', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(40, 'sol', 'waiver-waits', NULL, 'ada asks for an exception: Every resource names its environment, Research Sandbox', 'It moves. Your approval is needed.', '/exceptions/W-2', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(46, 'sol', 'waiver-waits', NULL, 'ada asks for an exception: Nobody reads by path, The whole Organization', 'It moves. Your approval is needed.', '/exceptions/W-4', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(141, 'mira', 'ended', 8, 'Ended: rotate payments/ledger', 'The time is over.', '/access/G-8', '2026-11-21 06:58:31.963809+00', NULL, '2026-11-21 06:58:31.963809+00'),
	(48, 'ada', 'waiver-decided', NULL, 'Exception approved: The whole Organization', 'So.', '/exceptions/W-4', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(113, 'mira', 'reviewed', 10, 'Reviewed: read payments/ledger', 'The review of your break-glass was closed by ada.', '/access/G-10', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(125, 'mira', 'approved', 12, 'Approved: read payments/stripe', 'You can claim 15 minutes, until 2126-10-28 at 06:28 UTC.', '/access/G-12', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(49, 'ada', 'waiver-decided', NULL, 'Exception ended: The whole Organization', 'So.', '/exceptions/W-4', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(103, 'ben', 'decide', 9, 'mira asks to read payments/ledger', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-9', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(106, NULL, 'decide', 9, 'mira asks to read payments/ledger', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-9', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(108, 'ben', 'break-glass', 10, 'Break-glass: mira may read payments/ledger now', 'For 30 minutes, without approval. Reconcile the ledger. (PAY-1) A review is open and must be closed by somebody else.', '/access/G-10', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(111, NULL, 'break-glass', 10, 'Break-glass: mira may read payments/ledger now', 'For 30 minutes, without approval. Reconcile the ledger. (PAY-1) A review is open and must be closed by somebody else.', '/access/G-10', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(82, 'mira', 'denied', 5, 'Denied: read payments/ledger', 'Your request was denied. They wrote: Not now.', '/access/G-5', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(102, 'ada', 'decide', 9, 'mira asks to read payments/ledger', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-9', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(104, 'sol', 'decide', 9, 'mira asks to read payments/ledger', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-9', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(105, 'tomas', 'decide', 9, 'mira asks to read payments/ledger', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-9', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(107, 'ada', 'break-glass', 10, 'Break-glass: mira may read payments/ledger now', 'For 30 minutes, without approval. Reconcile the ledger. (PAY-1) A review is open and must be closed by somebody else.', '/access/G-10', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(114, 'ada', 'break-glass', 11, 'Break-glass: mira may read payments/ledger now', 'For 30 minutes, without approval. Reconcile the ledger. (PAY-1) A review is open and must be closed by somebody else.', '/access/G-11', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(109, 'sol', 'break-glass', 10, 'Break-glass: mira may read payments/ledger now', 'For 30 minutes, without approval. Reconcile the ledger. (PAY-1) A review is open and must be closed by somebody else.', '/access/G-10', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(110, 'tomas', 'break-glass', 10, 'Break-glass: mira may read payments/ledger now', 'For 30 minutes, without approval. Reconcile the ledger. (PAY-1) A review is open and must be closed by somebody else.', '/access/G-10', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(112, 'mira', 'claimed', 10, 'mira may now read payments/ledger', 'The window of 30 minutes has begun, until 2026-11-21 at 06:58 UTC.', '/access/G-10', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(146, 'mira', 'approved', 15, 'Approved: read payments/ledger', 'You can claim 168 hours, until 2196-10-10 at 08:58 UTC.', '/access/G-15', '2096-11-03 08:58:31.963809+00', NULL, NULL),
	(51, NULL, 'waiver-waits', NULL, 'ada asks for an exception: Every resource names its environment, Sandbox', 'It moves. Your approval is needed.', '/exceptions/W-5', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(50, 'sol', 'waiver-waits', NULL, 'ada asks for an exception: Every resource names its environment, Sandbox', 'It moves. Your approval is needed.', '/exceptions/W-5', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(66, 'ben', 'decide', 3, 'mira asks to read payments/ledger', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-3', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(69, NULL, 'decide', 3, 'mira asks to read payments/ledger', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-3', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(72, 'ben', 'decide', 4, 'mira asks to read payments/kafka', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-4', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(75, NULL, 'decide', 4, 'mira asks to read payments/kafka', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-4', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(121, 'ben', 'decide', 12, 'mira asks to read payments/stripe', 'For 15 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-12', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(124, NULL, 'decide', 12, 'mira asks to read payments/stripe', 'For 15 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-12', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(65, 'ada', 'decide', 3, 'mira asks to read payments/ledger', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-3', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(67, 'sol', 'decide', 3, 'mira asks to read payments/ledger', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-3', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(68, 'tomas', 'decide', 3, 'mira asks to read payments/ledger', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-3', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(71, 'ada', 'decide', 4, 'mira asks to read payments/kafka', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-4', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(73, 'sol', 'decide', 4, 'mira asks to read payments/kafka', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-4', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(74, 'tomas', 'decide', 4, 'mira asks to read payments/kafka', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-4', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(83, 'mira', 'approved', 6, 'Approved: read ml/openai', 'You can claim 5 minutes, until 2126-10-28 at 06:28 UTC.', '/access/G-6', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(90, 'mira', 'claimed', 7, 'mira may now write payments/ledger', 'The window of 30 minutes has begun, until 2026-11-21 at 06:58 UTC.', '/access/G-7', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(101, 'mira', 'claimed', 8, 'mira may now rotate payments/ledger', 'The window of 30 minutes has begun, until 2026-11-21 at 06:58 UTC.', '/access/G-8', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(120, 'ada', 'decide', 12, 'mira asks to read payments/stripe', 'For 15 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-12', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(122, 'sol', 'decide', 12, 'mira asks to read payments/stripe', 'For 15 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-12', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(123, 'tomas', 'decide', 12, 'mira asks to read payments/stripe', 'For 15 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-12', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(148, NULL, 'decide', 16, 'mira asks to read payments/kafka', 'For 168 hours. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-16', '2096-11-03 08:58:31.963809+00', NULL, NULL),
	(52, 'ada', 'waiver-decided', NULL, 'Exception denied: Sandbox', 'So.', '/exceptions/W-5', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(60, 'ada', 'decide', 2, 'mira asks to read ml/openai', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-2', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(144, 'mira', 'ended', 12, 'Ended: read payments/stripe', 'The time is over.', '/access/G-12', '2026-11-21 06:58:31.963809+00', NULL, '2026-11-21 06:58:31.963809+00'),
	(147, 'mira', 'claimed', 15, 'mira may now read payments/ledger', 'The window of 168 hours has begun, until 2096-11-10 at 08:58 UTC.', '/access/G-15', '2096-11-03 08:58:31.963809+00', NULL, NULL),
	(150, 'mira', 'claimed', 16, 'mira may now read payments/kafka', 'The window of 168 hours has begun, until 2096-11-10 at 08:58 UTC.', '/access/G-16', '2096-11-03 08:58:31.963809+00', NULL, NULL),
	(54, NULL, 'waiver-waits', NULL, 'ada asks for an exception: Every policy, payments/ledger (Payments Prod, us-east-1)', 'It moves. Your approval is needed.', '/exceptions/W-6', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(53, 'sol', 'waiver-waits', NULL, 'ada asks for an exception: Every policy, payments/ledger (Payments Prod, us-east-1)', 'It moves. Your approval is needed.', '/exceptions/W-6', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(56, 'ben', 'decide', 1, 'mira asks to read payments/ledger', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-1', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(59, NULL, 'decide', 1, 'mira asks to read payments/ledger', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-1', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(55, 'ada', 'decide', 1, 'mira asks to read payments/ledger', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-1', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(57, 'sol', 'decide', 1, 'mira asks to read payments/ledger', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-1', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(58, 'tomas', 'decide', 1, 'mira asks to read payments/ledger', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-1', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(70, 'mira', 'approved', 3, 'Approved: read payments/ledger', 'You can claim 30 minutes, from 2026-12-11 at 15:00 UTC.', '/access/G-3', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00');
INSERT INTO public.notice OVERRIDING SYSTEM VALUE VALUES
	(132, 'mira', 'approved', 13, 'Approved: read payments/stripe', 'You can claim 1 hour, until 2126-10-28 at 06:28 UTC.', '/access/G-13', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(61, 'ben', 'decide', 2, 'mira asks to read ml/openai', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-2', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(64, NULL, 'decide', 2, 'mira asks to read ml/openai', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-2', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(78, 'ben', 'decide', 5, 'mira asks to read payments/ledger', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-5', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(81, NULL, 'decide', 5, 'mira asks to read payments/ledger', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-5', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(85, 'ben', 'decide', 7, 'mira asks to write payments/ledger', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-7', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(88, NULL, 'decide', 7, 'mira asks to write payments/ledger', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-7', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(92, 'ben', 'given-back', 7, 'Given back: write payments/ledger', 'mira has given it back.', '/access/G-7', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(96, 'ben', 'decide', 8, 'mira asks to rotate payments/ledger', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-8', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(99, NULL, 'decide', 8, 'mira asks to rotate payments/ledger', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-8', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(115, 'ben', 'break-glass', 11, 'Break-glass: mira may read payments/ledger now', 'For 30 minutes, without approval. Reconcile the ledger. (PAY-1) A review is open and must be closed by somebody else.', '/access/G-11', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(118, NULL, 'break-glass', 11, 'Break-glass: mira may read payments/ledger now', 'For 30 minutes, without approval. Reconcile the ledger. (PAY-1) A review is open and must be closed by somebody else.', '/access/G-11', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(128, 'ben', 'decide', 13, 'mira asks to read payments/stripe', 'For 1 hour. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-13', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(131, NULL, 'decide', 13, 'mira asks to read payments/stripe', 'For 1 hour. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-13', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(62, 'sol', 'decide', 2, 'mira asks to read ml/openai', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-2', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(76, 'mira', 'approved', 4, 'Approved: read payments/kafka', 'You can claim 30 minutes, until 2126-10-28 at 06:28 UTC.', '/access/G-4', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(77, 'ada', 'decide', 5, 'mira asks to read payments/ledger', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-5', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(79, 'sol', 'decide', 5, 'mira asks to read payments/ledger', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-5', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(80, 'tomas', 'decide', 5, 'mira asks to read payments/ledger', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-5', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(84, 'ada', 'decide', 7, 'mira asks to write payments/ledger', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-7', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(86, 'sol', 'decide', 7, 'mira asks to write payments/ledger', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-7', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(87, 'tomas', 'decide', 7, 'mira asks to write payments/ledger', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-7', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(89, 'mira', 'approved', 7, 'Approved: write payments/ledger', 'You can claim 30 minutes, until 2126-10-28 at 06:28 UTC.', '/access/G-7', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(91, 'ada', 'given-back', 7, 'Given back: write payments/ledger', 'mira has given it back.', '/access/G-7', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(93, 'sol', 'given-back', 7, 'Given back: write payments/ledger', 'mira has given it back.', '/access/G-7', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(94, 'tomas', 'given-back', 7, 'Given back: write payments/ledger', 'mira has given it back.', '/access/G-7', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(95, 'ada', 'decide', 8, 'mira asks to rotate payments/ledger', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-8', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(97, 'sol', 'decide', 8, 'mira asks to rotate payments/ledger', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-8', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(98, 'tomas', 'decide', 8, 'mira asks to rotate payments/ledger', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-8', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(100, 'mira', 'approved', 8, 'Approved: rotate payments/ledger', 'You can claim 30 minutes, until 2126-10-28 at 06:28 UTC.', '/access/G-8', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(116, 'sol', 'break-glass', 11, 'Break-glass: mira may read payments/ledger now', 'For 30 minutes, without approval. Reconcile the ledger. (PAY-1) A review is open and must be closed by somebody else.', '/access/G-11', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(117, 'tomas', 'break-glass', 11, 'Break-glass: mira may read payments/ledger now', 'For 30 minutes, without approval. Reconcile the ledger. (PAY-1) A review is open and must be closed by somebody else.', '/access/G-11', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(119, 'mira', 'claimed', 11, 'mira may now read payments/ledger', 'The window of 30 minutes has begun, until 2026-11-21 at 06:58 UTC.', '/access/G-11', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(126, 'mira', 'claimed', 12, 'mira may now read payments/stripe', 'The window of 15 minutes has begun, until 2026-11-21 at 06:43 UTC.', '/access/G-12', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(127, 'ada', 'decide', 13, 'mira asks to read payments/stripe', 'For 1 hour. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-13', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(129, 'sol', 'decide', 13, 'mira asks to read payments/stripe', 'For 1 hour. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-13', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(130, 'tomas', 'decide', 13, 'mira asks to read payments/stripe', 'For 1 hour. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-13', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(133, 'mira', 'claimed', 13, 'mira may now read payments/stripe', 'The window of 1 hour has begun, until 2026-11-21 at 07:28 UTC.', '/access/G-13', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(134, 'mira', 'revoked', 13, 'Revoked: read payments/stripe', 'Access was revoked by ada. Active AWS sessions are being ended.', '/access/G-13', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(135, NULL, 'revoked', 13, 'Revoked: read payments/stripe', 'Access was revoked by ada. Active AWS sessions are being ended.', '/access/G-13', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(142, 'mira', 'ended', 10, 'Ended: read payments/ledger', 'The time is over.', '/access/G-10', '2026-11-21 06:58:31.963809+00', NULL, '2026-11-21 06:58:31.963809+00'),
	(149, 'mira', 'approved', 16, 'Approved: read payments/kafka', 'You can claim 168 hours, until 2196-10-10 at 08:58 UTC.', '/access/G-16', '2096-11-03 08:58:31.963809+00', NULL, NULL),
	(151, 'mira', 'revoked', 16, 'Revoked: read payments/kafka', 'Access was revoked by ada. Active AWS sessions are being ended.', '/access/G-16', '2096-11-03 08:58:31.963809+00', NULL, NULL),
	(152, NULL, 'revoked', 16, 'Revoked: read payments/kafka', 'Access was revoked by ada. Active AWS sessions are being ended.', '/access/G-16', '2096-11-03 08:58:31.963809+00', NULL, NULL),
	(63, 'tomas', 'decide', 2, 'mira asks to read ml/openai', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-2', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:28:31.963809+00'),
	(143, 'mira', 'ended', 11, 'Ended: read payments/ledger', 'The time is over.', '/access/G-11', '2026-11-21 06:58:31.963809+00', NULL, '2026-11-21 06:58:31.963809+00'),
	(145, NULL, 'decide', 15, 'mira asks to read payments/ledger', 'For 168 hours. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-15', '2096-11-03 08:58:31.963809+00', NULL, NULL),
	(137, 'ben', 'decide', 14, 'mira asks to read payments/stripe', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-14', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(140, NULL, 'decide', 14, 'mira asks to read payments/stripe', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-14', '2026-11-21 06:28:31.963809+00', NULL, NULL),
	(136, 'ada', 'decide', 14, 'mira asks to read payments/stripe', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-14', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:58:31.963809+00'),
	(138, 'sol', 'decide', 14, 'mira asks to read payments/stripe', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-14', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:58:31.963809+00'),
	(139, 'tomas', 'decide', 14, 'mira asks to read payments/stripe', 'For 30 minutes. Reconcile the ledger. (PAY-1) Your decision is needed.', '/approvals/G-14', '2026-11-21 06:28:31.963809+00', NULL, '2026-11-21 06:58:31.963809+00');

INSERT INTO public.organization VALUES
	(true, 'o-test', '204917356680', '2026-11-21 08:58:31.963809+00', '2026-11-21 08:58:31.963809+00', true, NULL);

INSERT INTO public.ou VALUES
	('r-test', NULL, 'Root', ''),
	('ou-work', 'r-test', 'Workloads', 'Workloads'),
	('ou-prod', 'ou-work', 'Production', 'Workloads/Production'),
	('ou-sand', 'r-test', 'Sandbox', 'Sandbox');

INSERT INTO public.parameter_tags_read VALUES
	('441205839201', 'us-east-1', '2026-11-28 01:08:38.434169+00', false);

INSERT INTO public.path_reader VALUES
	('441205839201', 'arn:aws:iam::441205839201:role/batch', '{"{\"Statement\": [
                    {\"Effect\": \"Allow\", \"Action\": \"ssm:GetParametersByPath\", \"Resource\": \"arn:aws:ssm:*:*:parameter/payments\"},
                    {\"Effect\": \"Deny\", \"Action\": \"ssm:GetParameter\", \"Resource\": \"arn:aws:ssm:*:*:parameter/payments/*\"}]}"}', NULL),
	('458812704336', 'arn:aws:iam::441205839201:role/batch', '{"{\"Statement\": [
                    {\"Effect\": \"Allow\", \"Action\": \"ssm:GetParametersByPath\", \"Resource\": \"arn:aws:ssm:*:*:parameter/payments\"},
                    {\"Effect\": \"Deny\", \"Action\": \"ssm:GetParameter\", \"Resource\": \"arn:aws:ssm:*:*:parameter/payments/*\"}]}"}', NULL),
	('561840927734', 'arn:aws:iam::441205839201:role/batch', '{"{\"Statement\": [
                    {\"Effect\": \"Allow\", \"Action\": \"ssm:GetParametersByPath\", \"Resource\": \"arn:aws:ssm:*:*:parameter/payments\"},
                    {\"Effect\": \"Deny\", \"Action\": \"ssm:GetParameter\", \"Resource\": \"arn:aws:ssm:*:*:parameter/payments/*\"}]}"}', NULL);

INSERT INTO public.person VALUES
	('ben', 'ben', 'ben@example.com', '{approvers}', '2026-11-28 01:08:24.198153+00'),
	('ada', 'ada', 'ada@example.com', '{admins}', '2026-11-18 01:08:31.963809+00'),
	('sol', 'sol', 'sol@example.com', '{admins}', '2026-11-18 01:08:31.963809+00'),
	('mira', 'mira', 'mira@example.com', '{requesters}', '2026-11-18 01:08:31.963809+00'),
	('tomas', 'tomas', 'tomas@example.com', '{approvers}', '2026-11-18 01:08:31.963809+00');

INSERT INTO public.plan OVERRIDING SYSTEM VALUE VALUES
	(1, 'Set the tags env=prod: checkout/api', 'They need it.', '{"name": "ada", "email": "ada@example.com", "subject": "ada"}', 'ended', true, '707fac0d5818d9d13ef032027454cd1a5244f6a40c50d9082473e7453ea6d6e9', '{"at": [2026, 323, 2, 28, 31, 963809419, 0, 0, 0], "by": {"name": "sol", "email": "sol@example.com", "subject": "sol"}, "note": "So.", "approved": true}', '2026-11-19 02:28:31.963809+00', '2026-11-19 02:28:31.963809+00'),
	(2, 'Set the tags env=prod: ml/openai', 'They need it.', '{"name": "ada", "email": "ada@example.com", "subject": "ada"}', 'ended', true, 'a132a295d2f5b624b3723b737f7bb7f3a5981ee37845a23a2bd5b4d492e0623a', '{"at": [2026, 323, 4, 28, 31, 963809419, 0, 0, 0], "by": {"name": "sol", "email": "sol@example.com", "subject": "sol"}, "note": "So.", "approved": true}', '2026-11-19 04:28:31.963809+00', '2026-11-19 04:28:31.963809+00'),
	(3, 'Set the tags env=prod: payments/ledger', 'They need it.', '{"name": "ada", "email": "ada@example.com", "subject": "ada"}', 'waiting', true, 'b091deb4d640220f847362d2419429bd262789234eb8f0d3e294e6b6d03c22c0', NULL, '2026-11-19 06:28:31.963809+00', NULL),
	(4, 'Set the tags env=prod: payments/stripe', 'They need it.', '{"name": "ada", "email": "ada@example.com", "subject": "ada"}', 'denied', true, '5a0c3e51a034af56b726e3f749a033261f9361550e2627b57c0b50df556eda48', '{"at": [2026, 323, 6, 28, 31, 963809419, 0, 0, 0], "by": {"name": "sol", "email": "sol@example.com", "subject": "sol"}, "note": "So.", "approved": false}', '2026-11-19 06:28:31.963809+00', '2026-11-19 06:28:31.963809+00'),
	(5, 'Set the tags env=prod: payments/stripe', 'They need it.', '{"name": "ada", "email": "ada@example.com", "subject": "ada"}', 'withdrawn', true, '5a0c3e51a034af56b726e3f749a033261f9361550e2627b57c0b50df556eda48', NULL, '2026-11-19 06:28:31.963809+00', '2026-11-19 06:28:31.963809+00'),
	(6, 'Set the tags env=prod: ml/notebook', 'They need it.', '{"name": "ada", "email": "ada@example.com", "subject": "ada"}', 'stopped', true, '8914c990fd3e672ff15c818949f4781b9a0f789e9b2b600b2853ad6d6b29be0b', '{"at": [2026, 323, 6, 28, 31, 963809419, 0, 0, 0], "by": {"name": "sol", "email": "sol@example.com", "subject": "sol"}, "note": "So.", "approved": true}', '2026-11-19 06:28:31.963809+00', NULL),
	(7, 'Set the tags env=prod (2 calls)', 'They need it.', '{"name": "ada", "email": "ada@example.com", "subject": "ada"}', 'ended', true, '3fc9ebc9c687b8db0068c10293e986b5d6612391bc6d83c92b35abd762f0b8b0', '{"at": [2026, 323, 6, 28, 31, 963809419, 0, 0, 0], "by": {"name": "sol", "email": "sol@example.com", "subject": "sol"}, "note": "So.", "approved": true}', '2026-11-19 06:28:31.963809+00', '2026-11-21 06:28:31.963809+00');

INSERT INTO public.plan_step VALUES
	(1, 1, '01a21fb2-5c1b-72f0-b0f5-ecc3d1e2805c', '458812704336', 'env', '{"TagResource": {"tags": {"env": "prod"}}}', '[{"after": "prod", "field": "Tags: env", "before": null}]', '01a21fb2-62f0-772d-a813-32f16e7d80e1', 'failed', 'AWS refused TagResource (Fake). A service control policy, the role claviger-remediation or the key''s policy may forbid it.', 1, '2026-11-19 02:28:31.963809+00', '2026-11-19 02:28:31.963809+00'),
	(2, 1, '01a21fb2-5cb7-7476-8f18-e2955cb79294', '561840927734', 'env', '{"TagResource": {"tags": {"env": "prod"}}}', '[{"after": "prod", "field": "Tags: env", "before": null}]', '01a21fb2-6445-7407-adf5-4e4af879c479', 'done', 'Done. The check passes.', 1, '2026-11-19 04:28:31.963809+00', '2026-11-19 04:28:31.963809+00'),
	(3, 1, '01a21fb2-5be0-715d-b4aa-6ac8445d5a01', '441205839201', 'env', '{"TagResource": {"tags": {"env": "prod"}}}', '[{"after": "prod", "field": "Tags: env", "before": null}]', '01a21fb2-6554-72da-a291-d17cd6c5edac', 'pending', NULL, 0, NULL, NULL),
	(4, 1, '01a21fb2-5bee-74f6-93de-84273c88cb18', '441205839201', 'env', '{"TagResource": {"tags": {"env": "prod"}}}', '[{"after": "prod", "field": "Tags: env", "before": null}]', '01a21fb2-65a9-763e-bc57-b93df99c0f77', 'pending', NULL, 0, NULL, NULL),
	(5, 1, '01a21fb2-5bee-74f6-93de-84273c88cb18', '441205839201', 'env', '{"TagResource": {"tags": {"env": "prod"}}}', '[{"after": "prod", "field": "Tags: env", "before": null}]', '01a21fb2-6606-7629-a431-aa56fa1d9f6b', 'pending', NULL, 0, NULL, NULL),
	(6, 1, '01a21fb2-5cb7-7476-8f18-e29686db31d3', '561840927734', 'env', '{"TagResource": {"tags": {"env": "prod"}}}', '[{"after": "prod", "field": "Tags: env", "before": null}]', '01a21fb2-66c8-7676-8c5b-5daa70407093', 'pending', NULL, 0, NULL, NULL),
	(7, 1, '01a21fb2-5be0-715d-b4aa-6ac972eb418b', '441205839201', 'env', '{"TagResource": {"tags": {"env": "prod"}}}', '[{"after": "prod", "field": "Tags: env", "before": null}]', '01a21fb2-6712-707d-8e88-e11e4801422f', 'done', 'Done. The check passes.', 1, '2026-11-19 06:28:31.963809+00', '2026-11-19 06:28:31.963809+00'),
	(7, 2, '01a21fb2-5bee-74f6-93de-84273c88cb18', '441205839201', 'env', '{"TagResource": {"tags": {"env": "prod"}}}', '[{"after": "prod", "field": "Tags: env", "before": null}]', '01a21fb2-6712-707d-8e88-e11ff0ec0a99', 'done', 'Done. The check passes.', 1, '2026-11-21 06:28:31.963809+00', '2026-11-21 06:28:31.963809+00');

INSERT INTO public.policy VALUES
	('public-policy', 1, '# What every Organization should hold to, whatever it does.
id: public-policy
title: No secret is open to anyone
severity: critical
mode: notify
rule:
  public-policy: {}', 'Claviger', '2026-11-28 01:08:22.959039+00', NULL),
	('shared-outside', 1, 'id: shared-outside
title: No secret is shared outside the Organization
severity: critical
mode: notify
rule:
  shared-outside: {}', 'Claviger', '2026-11-28 01:08:22.959039+00', NULL),
	('rotation-failing', 1, 'id: rotation-failing
title: Rotation does not fail
severity: high
rule:
  rotation-failing: {}', 'Claviger', '2026-11-28 01:08:22.959039+00', NULL),
	('rotation-stuck', 1, 'id: rotation-stuck
title: No rotation is stuck
severity: critical
mode: notify
rule:
  rotation-stuck:
    grace-hours: 24', 'Claviger', '2026-11-28 01:08:22.959039+00', NULL),
	('rotation-enabled', 1, 'id: rotation-enabled
title: Secrets rotate by themselves
severity: medium
rule:
  rotation-enabled: {}', 'Claviger', '2026-11-28 01:08:22.959039+00', NULL),
	('value-age', 1, 'id: value-age
title: Values are not older than a year
severity: medium
rule:
  value-age:
    max-days: 365', 'Claviger', '2026-11-28 01:08:22.959039+00', NULL),
	('owner', 1, 'id: owner
title: Every secret has an owner
severity: medium
rule:
  owner: {}', 'Claviger', '2026-11-28 01:08:22.959039+00', NULL),
	('tag-policy', 1, 'id: tag-policy
title: Tags comply with the Organization''s tag policies
severity: low
rule:
  tag-policy: {}', 'Claviger', '2026-11-28 01:08:22.959039+00', NULL),
	('customer-managed-key', 1, 'id: customer-managed-key
title: Secrets are under a customer-managed key
severity: low
rule:
  customer-managed-key: {}', 'Claviger', '2026-11-28 01:08:22.959039+00', NULL),
	('unused', 1, 'id: unused
title: What nobody reads is taken away
severity: low
rule:
  unused:
    days: 90', 'Claviger', '2026-11-28 01:08:22.959039+00', NULL),
	('plain-credential', 1, 'id: plain-credential
title: No credential lies in a plain parameter
severity: high
rule:
  plain-credential: {}', 'Claviger', '2026-11-28 01:08:22.959039+00', NULL),
	('read-by-path', 1, 'id: read-by-path
title: What is denied cannot be listed by path
severity: high
rule:
  read-by-path: {}', 'Claviger', '2026-11-28 01:08:22.959039+00', NULL),
	('replica-health', 1, 'id: replica-health
title: Replicas are in sync
severity: high
rule:
  replica-health: {}', 'Claviger', '2026-11-28 01:08:22.959039+00', NULL),
	('deletion-in-use', 1, 'id: deletion-in-use
title: Nothing in use is deleted
severity: high
rule:
  deletion-in-use:
    days: 14', 'Claviger', '2026-11-28 01:08:22.959039+00', NULL),
	('env', 1, 'id: env
title: Every resource names its environment
severity: low
mode: notify
rule: {required-tags: {tags: {env: [prod]}}}', 'Claviger', '2026-11-18 01:08:31.963809+00', NULL),
	('paths', 1, 'id: paths
title: Nobody reads by path
severity: high
rule: {read-by-path: {}}', 'Claviger', '2026-11-18 01:08:31.963809+00', NULL),
	('tagged', 2, 'id: tagged
title: Everything has a tag
severity: low
rule: {tagged: {}}', 'Claviger', '2026-11-18 01:08:31.963809+00', '2026-11-21 06:28:31.963809+00');

INSERT INTO public.policy_version VALUES
	('public-policy', 1, '# What every Organization should hold to, whatever it does.
id: public-policy
title: No secret is open to anyone
severity: critical
mode: notify
rule:
  public-policy: {}', 'Claviger', '2026-11-28 01:08:22.959039+00'),
	('shared-outside', 1, 'id: shared-outside
title: No secret is shared outside the Organization
severity: critical
mode: notify
rule:
  shared-outside: {}', 'Claviger', '2026-11-28 01:08:22.959039+00'),
	('rotation-failing', 1, 'id: rotation-failing
title: Rotation does not fail
severity: high
rule:
  rotation-failing: {}', 'Claviger', '2026-11-28 01:08:22.959039+00'),
	('rotation-stuck', 1, 'id: rotation-stuck
title: No rotation is stuck
severity: critical
mode: notify
rule:
  rotation-stuck:
    grace-hours: 24', 'Claviger', '2026-11-28 01:08:22.959039+00'),
	('rotation-enabled', 1, 'id: rotation-enabled
title: Secrets rotate by themselves
severity: medium
rule:
  rotation-enabled: {}', 'Claviger', '2026-11-28 01:08:22.959039+00'),
	('value-age', 1, 'id: value-age
title: Values are not older than a year
severity: medium
rule:
  value-age:
    max-days: 365', 'Claviger', '2026-11-28 01:08:22.959039+00'),
	('owner', 1, 'id: owner
title: Every secret has an owner
severity: medium
rule:
  owner: {}', 'Claviger', '2026-11-28 01:08:22.959039+00'),
	('tag-policy', 1, 'id: tag-policy
title: Tags comply with the Organization''s tag policies
severity: low
rule:
  tag-policy: {}', 'Claviger', '2026-11-28 01:08:22.959039+00'),
	('customer-managed-key', 1, 'id: customer-managed-key
title: Secrets are under a customer-managed key
severity: low
rule:
  customer-managed-key: {}', 'Claviger', '2026-11-28 01:08:22.959039+00'),
	('unused', 1, 'id: unused
title: What nobody reads is taken away
severity: low
rule:
  unused:
    days: 90', 'Claviger', '2026-11-28 01:08:22.959039+00'),
	('plain-credential', 1, 'id: plain-credential
title: No credential lies in a plain parameter
severity: high
rule:
  plain-credential: {}', 'Claviger', '2026-11-28 01:08:22.959039+00'),
	('read-by-path', 1, 'id: read-by-path
title: What is denied cannot be listed by path
severity: high
rule:
  read-by-path: {}', 'Claviger', '2026-11-28 01:08:22.959039+00'),
	('replica-health', 1, 'id: replica-health
title: Replicas are in sync
severity: high
rule:
  replica-health: {}', 'Claviger', '2026-11-28 01:08:22.959039+00'),
	('deletion-in-use', 1, 'id: deletion-in-use
title: Nothing in use is deleted
severity: high
rule:
  deletion-in-use:
    days: 14', 'Claviger', '2026-11-28 01:08:22.959039+00'),
	('env', 1, 'id: env
title: Every resource names its environment
severity: low
mode: notify
rule: {required-tags: {tags: {env: [prod]}}}', 'Claviger', '2026-11-18 01:08:31.963809+00'),
	('paths', 1, 'id: paths
title: Nobody reads by path
severity: high
rule: {read-by-path: {}}', 'Claviger', '2026-11-18 01:08:31.963809+00'),
	('tagged', 1, 'id: tagged
title: Everything has a tag
severity: low
rule: {tagged: {}}', 'Claviger', '2026-11-18 01:08:31.963809+00'),
	('tagged', 2, NULL, 'ada', '2026-11-21 06:28:31.963809+00');

INSERT INTO public.posture VALUES
	('561840927734', 'payments', 'public-policy', 1, 0, 0, 0),
	('561840927734', 'payments', 'rotation-stuck', 1, 0, 0, 0),
	('561840927734', 'payments', 'shared-outside', 1, 0, 0, 0),
	('561840927734', 'payments', 'owner', 1, 0, 0, 0),
	('561840927734', 'payments', 'rotation-enabled', 0, 1, 0, 0),
	('561840927734', 'payments', 'value-age', 1, 0, 0, 0),
	('561840927734', 'payments', 'customer-managed-key', 0, 1, 0, 0),
	('561840927734', 'payments', 'env', 1, 0, 0, 0),
	('561840927734', 'payments', 'tag-policy', 1, 0, 0, 0),
	('561840927734', 'payments', 'unused', 1, 0, 0, 0),
	('561840927734', 'research', 'public-policy', 1, 0, 0, 0),
	('561840927734', 'research', 'rotation-stuck', 1, 0, 0, 0),
	('561840927734', 'research', 'shared-outside', 1, 0, 0, 0),
	('561840927734', 'research', 'owner', 1, 0, 0, 0),
	('561840927734', 'research', 'rotation-enabled', 0, 1, 0, 0),
	('561840927734', 'research', 'value-age', 1, 0, 0, 0),
	('561840927734', 'research', 'customer-managed-key', 0, 1, 0, 0),
	('561840927734', 'research', 'env', 0, 1, 0, 0),
	('561840927734', 'research', 'tag-policy', 1, 0, 0, 0),
	('561840927734', 'research', 'unused', 1, 0, 0, 0),
	('441205839201', '', 'paths', 0, 1, 0, 0),
	('441205839201', '', 'read-by-path', 0, 1, 0, 0),
	('441205839201', '', 'owner', 0, 0, 1, 0),
	('441205839201', '', 'value-age', 1, 0, 0, 0),
	('441205839201', '', 'customer-managed-key', 0, 1, 0, 0),
	('441205839201', '', 'env', 0, 0, 1, 0),
	('441205839201', '', 'tag-policy', 0, 0, 1, 0),
	('441205839201', 'payments', 'public-policy', 2, 1, 0, 0),
	('441205839201', 'payments', 'rotation-stuck', 3, 0, 0, 0),
	('441205839201', 'payments', 'shared-outside', 2, 1, 0, 0),
	('441205839201', 'payments', 'rotation-failing', 0, 1, 0, 0),
	('441205839201', 'payments', 'owner', 3, 0, 0, 0),
	('441205839201', 'payments', 'rotation-enabled', 1, 2, 0, 0),
	('441205839201', 'payments', 'value-age', 3, 0, 0, 0),
	('441205839201', 'payments', 'customer-managed-key', 1, 2, 0, 0),
	('441205839201', 'payments', 'env', 2, 1, 0, 0),
	('441205839201', 'payments', 'tag-policy', 3, 0, 0, 0),
	('441205839201', 'payments', 'unused', 3, 0, 0, 0),
	('458812704336', '', 'public-policy', 1, 0, 0, 0),
	('458812704336', '', 'rotation-stuck', 1, 0, 0, 0),
	('458812704336', '', 'shared-outside', 1, 0, 0, 0),
	('458812704336', '', 'paths', 1, 0, 0, 0),
	('458812704336', '', 'read-by-path', 1, 0, 0, 0),
	('458812704336', '', 'owner', 0, 1, 1, 0),
	('458812704336', '', 'rotation-enabled', 0, 1, 0, 0),
	('458812704336', '', 'value-age', 2, 0, 0, 0),
	('458812704336', '', 'customer-managed-key', 0, 2, 0, 0),
	('458812704336', '', 'env', 0, 0, 1, 1),
	('458812704336', '', 'tag-policy', 1, 0, 1, 0),
	('458812704336', '', 'unused', 1, 0, 0, 0);

INSERT INTO public.posture_day VALUES
	('2026-11-18', '458812704336', 47, 59, 5),
	('2026-11-18', '441205839201', 96, 146, 13),
	('2026-11-18', '561840927734', 74, 82, 6),
	('2026-11-19', '458812704336', 47, 59, 5),
	('2026-11-19', '561840927734', 75, 82, 5),
	('2026-11-19', '441205839201', 97, 146, 12),
	('2026-11-21', '441205839201', 95, 142, 11),
	('2026-11-21', '458812704336', 46, 56, 4),
	('2026-11-21', '561840927734', 73, 80, 5);

INSERT INTO public.posture_gap VALUES
	('441205839201', 'Its tags could not be read.', 3),
	('458812704336', 'Its tags could not be read.', 3);

INSERT INTO public.posture_offender VALUES
	('441205839201', '01a21fb2-5bee-74f6-93de-84273c88cb18', 22, 3, 'critical'),
	('441205839201', '01a21fb2-5be9-7526-9d27-5c52ef658e4d', 11, 3, 'high'),
	('441205839201', '01a21fb2-5be0-715d-b4aa-6ac8445d5a01', 7, 3, 'high'),
	('441205839201', '01a21fb2-5be0-715d-b4aa-6ac972eb418b', 3, 2, 'medium'),
	('458812704336', '01a21fb2-5c1b-72f0-b0f5-ecc3d1e2805c', 5, 3, 'medium'),
	('458812704336', '01a21fb2-5c7f-758e-9e7d-924a3d5eb04b', 1, 1, 'low'),
	('561840927734', '01a21fb2-5cb7-7476-8f18-e29686db31d3', 4, 3, 'medium'),
	('561840927734', '01a21fb2-5cb7-7476-8f18-e2955cb79294', 3, 2, 'medium');

INSERT INTO public.readiness VALUES
	('441205839201', 'inventory-role', '', 'ready', 'The role of sweeps can be assumed.'),
	('441205839201', 'access-role', '', 'ready', 'The role of just-in-time sessions can be assumed.'),
	('441205839201', 'remediation-role', '', 'ready', 'The role that mends can be assumed.'),
	('441205839201', 'trail', '', 'ready', 'The Organization''s trail all logs every Region.'),
	('441205839201', 'regions', '', 'ready', 'Regions that are enabled, and swept: 2.'),
	('441205839201', 'config-recorder', 'eu-west-1', 'missing', 'AWS Config has no recorder.'),
	('441205839201', 'config-recorder', 'us-east-1', 'ready', 'AWS Config is recording; 1 managed rule covers secrets.'),
	('458812704336', 'inventory-role', '', 'ready', 'The role of sweeps can be assumed.'),
	('458812704336', 'access-role', '', 'ready', 'The role of just-in-time sessions can be assumed.'),
	('458812704336', 'remediation-role', '', 'ready', 'The role that mends can be assumed.'),
	('458812704336', 'trail', '', 'ready', 'The Organization''s trail all logs every Region.'),
	('458812704336', 'regions', '', 'ready', 'Regions that are enabled, and swept: 2.'),
	('458812704336', 'config-recorder', 'eu-west-1', 'missing', 'AWS Config has no recorder.'),
	('458812704336', 'config-recorder', 'us-east-1', 'missing', 'AWS Config has no recorder.'),
	('561840927734', 'inventory-role', '', 'ready', 'The role of sweeps can be assumed.'),
	('561840927734', 'access-role', '', 'ready', 'The role of just-in-time sessions can be assumed.'),
	('561840927734', 'remediation-role', '', 'ready', 'The role that mends can be assumed.'),
	('561840927734', 'trail', '', 'ready', 'The Organization''s trail all logs every Region.'),
	('561840927734', 'regions', '', 'ready', 'Regions that are enabled, and swept: 2.'),
	('561840927734', 'config-recorder', 'eu-west-1', 'missing', 'AWS Config has no recorder.'),
	('561840927734', 'config-recorder', 'us-east-1', 'missing', 'AWS Config has no recorder.');

INSERT INTO public.resource VALUES
	('01a21fb2-5be9-7526-9d27-5c52ef658e4d', 'arn:aws:ssm:us-east-1:441205839201:parameter/payments/jwt', 'parameter', '441205839201', 'us-east-1', '/payments/jwt', '{"arn": "arn:aws:ssm:us-east-1:441205839201:parameter/payments/jwt", "name": "/payments/jwt", "tags": null, "detail": {"parameter": {"tier": "Standard", "version": 1, "policies": [], "data_type": "text", "parameter_type": "SecureString", "allowed_pattern": null, "last_modified_user": null}}, "changed_at": [2026, 305, 9, 0, 0, 0, 0, 0, 0], "created_at": null, "kms_key_id": null, "description": null}', '/payments/jwt
arn:aws:ssm:us-east-1:441205839201:parameter/payments/jwt', NULL, 'unknown', 'SecureString', 'aws-managed', NULL, NULL, NULL, NULL, '{}', NULL, true, NULL, '2026-11-01 09:00:00+00', NULL, '\x99967e528df8dfc96bece71c599b293aface4bf5f5a39d6a678de4803378ed7b', '2026-11-18 01:08:31.963809+00', '2026-11-18 01:08:31.963809+00', NULL, NULL, NULL, NULL, NULL, NULL, 159503),
	('01a21fb2-5c7f-758e-9e7d-924a3d5eb04b', 'arn:aws:ssm:us-east-1:458812704336:parameter/checkout/jwt', 'parameter', '458812704336', 'us-east-1', '/checkout/jwt', '{"arn": "arn:aws:ssm:us-east-1:458812704336:parameter/checkout/jwt", "name": "/checkout/jwt", "tags": null, "detail": {"parameter": {"tier": "Standard", "version": 1, "policies": [], "data_type": "text", "parameter_type": "SecureString", "allowed_pattern": null, "last_modified_user": null}}, "changed_at": [2026, 305, 9, 0, 0, 0, 0, 0, 0], "created_at": null, "kms_key_id": null, "description": null}', '/checkout/jwt
arn:aws:ssm:us-east-1:458812704336:parameter/checkout/jwt', NULL, 'unknown', 'SecureString', 'aws-managed', NULL, NULL, NULL, NULL, '{}', NULL, true, NULL, '2026-11-01 09:00:00+00', NULL, '\x37eef04f330ad5cfa110661a4907353f4327512093f2f7027916791d0f2fd19e', '2026-11-18 01:08:31.963809+00', '2026-11-18 01:08:31.963809+00', NULL, NULL, NULL, NULL, NULL, NULL, 159510),
	('01a21fb2-5c1b-72f0-b0f5-ecc3d1e2805c', 'arn:aws:secretsmanager:us-east-1:458812704336:secret:checkout/api-AbCdEf', 'secret', '458812704336', 'us-east-1', 'checkout/api', '{"arn": "arn:aws:secretsmanager:us-east-1:458812704336:secret:checkout/api-AbCdEf", "name": "checkout/api", "tags": {"team": "unknown"}, "detail": {"secret": {"rotation": {"rules": null, "enabled": null, "lambda_arn": null, "last_rotated_at": null, "next_rotation_at": null}, "versions": [], "deleted_at": null, "accessed_on": null, "owning_service": null, "primary_region": null}}, "changed_at": [2026, 305, 9, 0, 0, 0, 0, 0, 0], "created_at": [2026, 305, 9, 0, 0, 0, 0, 0, 0], "kms_key_id": null, "description": "about checkout/api"}', 'checkout/api
arn:aws:secretsmanager:us-east-1:458812704336:secret:checkout/api-abcdef
about checkout/api
team=unknown', NULL, 'missing', NULL, 'aws-managed', NULL, NULL, NULL, NULL, '{}', NULL, true, NULL, '2026-11-01 09:00:00+00', NULL, '\xd4b4bd0a28ff14ba3d51dfd459f62355ace14d6fc64645b4a2edfd5f3623f88a', '2026-11-18 01:08:31.963809+00', '2026-11-18 01:08:31.963809+00', NULL, NULL, '{"replicas": {"read": []}, "versions": {"read": [{"id": "v1", "stages": ["AWSCURRENT"], "created_at": [2026, 305, 9, 0, 0, 0, 0, 0, 0]}]}, "of_change": [2026, 305, 9, 0, 0, 0, 0, 0, 0], "resource_policy": {"read": null}}', '2026-11-18 01:08:31.963809+00', '2026-11-01 09:00:00+00', '\x7b7f9296fbf73a33a930b105c0b3ece1c50896bf989080dda70d7245a3deb815', 159509),
	('01a21fb2-5be0-715d-b4aa-6ac972eb418b', 'arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/kafka-AbCdEf', 'secret', '441205839201', 'us-east-1', 'payments/kafka', '{"arn": "arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/kafka-AbCdEf", "name": "payments/kafka", "tags": {"env": "prod", "owner": "payments"}, "detail": {"secret": {"rotation": {"rules": null, "enabled": null, "lambda_arn": null, "last_rotated_at": null, "next_rotation_at": null}, "versions": [], "deleted_at": null, "accessed_on": null, "owning_service": null, "primary_region": null}}, "changed_at": [2026, 305, 9, 0, 1, 0, 0, 0, 0], "created_at": [2026, 305, 9, 0, 0, 0, 0, 0, 0], "kms_key_id": null, "description": "Of the brokers."}', 'payments/kafka
arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/kafka-abcdef
of the brokers.
env=prod
owner=payments', 'payments', 'named', NULL, 'aws-managed', NULL, NULL, NULL, NULL, '{}', NULL, true, NULL, '2026-11-01 09:00:01+00', NULL, '\x9b699db37f14b944956076bd4fe0b01547dfbcd0e09497dcd4243827ed6665fe', '2026-11-18 01:08:31.963809+00', '2026-11-19 06:28:31.963809+00', NULL, NULL, '{"replicas": {"read": []}, "versions": {"read": [{"id": "v1", "stages": ["AWSCURRENT"], "created_at": [2026, 305, 9, 0, 0, 0, 0, 0, 0]}]}, "of_change": [2026, 305, 9, 0, 0, 0, 0, 0, 0], "resource_policy": {"read": null}}', '2026-11-18 01:08:31.963809+00', '2026-11-01 09:00:00+00', '\x7b7f9296fbf73a33a930b105c0b3ece1c50896bf989080dda70d7245a3deb815', 159700),
	('01a21fb2-5cb7-7476-8f18-e29686db31d3', 'arn:aws:secretsmanager:us-east-1:561840927734:secret:ml/notebook-AbCdEf', 'secret', '561840927734', 'us-east-1', 'ml/notebook', '{"arn": "arn:aws:secretsmanager:us-east-1:561840927734:secret:ml/notebook-AbCdEf", "name": "ml/notebook", "tags": {"team": "unknown"}, "detail": {"secret": {"rotation": {"rules": null, "enabled": null, "lambda_arn": null, "last_rotated_at": null, "next_rotation_at": null}, "versions": [], "deleted_at": null, "accessed_on": null, "owning_service": null, "primary_region": null}}, "changed_at": [2026, 305, 9, 0, 0, 0, 0, 0, 0], "created_at": [2026, 305, 9, 0, 0, 0, 0, 0, 0], "kms_key_id": null, "description": "about ml/notebook"}', 'ml/notebook
arn:aws:secretsmanager:us-east-1:561840927734:secret:ml/notebook-abcdef
about ml/notebook
team=unknown', 'research', 'named', NULL, 'aws-managed', NULL, NULL, NULL, NULL, '{}', NULL, true, NULL, '2026-11-01 09:00:00+00', NULL, '\x572ec888d837acdaf47d2ad852ec58c1fc2acb12cd07d11f330ff13ee4b23dbd', '2026-11-18 01:08:31.963809+00', '2026-11-18 01:08:31.963809+00', NULL, NULL, '{"replicas": {"read": []}, "versions": {"read": [{"id": "v1", "stages": ["AWSCURRENT"], "created_at": [2026, 305, 9, 0, 0, 0, 0, 0, 0]}]}, "of_change": [2026, 305, 9, 0, 0, 0, 0, 0, 0], "resource_policy": {"read": null}}', '2026-11-18 01:08:31.963809+00', '2026-11-01 09:00:00+00', '\x7b7f9296fbf73a33a930b105c0b3ece1c50896bf989080dda70d7245a3deb815', 159515),
	('01a21fb2-5c1b-72f0-b0f5-ecc4a3c72750', 'arn:aws:secretsmanager:us-east-1:458812704336:secret:checkout/old-AbCdEf', 'secret', '458812704336', 'us-east-1', 'checkout/old', '{"arn": "arn:aws:secretsmanager:us-east-1:458812704336:secret:checkout/old-AbCdEf", "name": "checkout/old", "tags": {"team": "unknown"}, "detail": {"secret": {"rotation": {"rules": null, "enabled": null, "lambda_arn": null, "last_rotated_at": null, "next_rotation_at": null}, "versions": [], "deleted_at": null, "accessed_on": null, "owning_service": null, "primary_region": null}}, "changed_at": [2026, 305, 9, 0, 0, 0, 0, 0, 0], "created_at": [2026, 305, 9, 0, 0, 0, 0, 0, 0], "kms_key_id": null, "description": "about checkout/old"}', 'checkout/old
arn:aws:secretsmanager:us-east-1:458812704336:secret:checkout/old-abcdef
about checkout/old
team=unknown', NULL, 'missing', NULL, 'aws-managed', NULL, NULL, NULL, NULL, '{}', NULL, true, NULL, '2026-11-01 09:00:00+00', NULL, '\x1d972ceba673761f047be26c427e881a48aa974bc1c10f0a8f8bdbd976fcd3a7', '2026-11-18 01:08:31.963809+00', '2026-11-18 01:08:31.963809+00', '2026-11-18 01:28:31.963809+00', '2026-11-18 01:08:31.963809+00', '{"replicas": {"read": []}, "versions": {"read": [{"id": "v1", "stages": ["AWSCURRENT"], "created_at": [2026, 305, 9, 0, 0, 0, 0, 0, 0]}]}, "of_change": [2026, 305, 9, 0, 0, 0, 0, 0, 0], "resource_policy": {"read": null}}', '2026-11-18 01:08:31.963809+00', '2026-11-01 09:00:00+00', '\x7b7f9296fbf73a33a930b105c0b3ece1c50896bf989080dda70d7245a3deb815', 159563),
	('01a21fb2-5be0-715d-b4aa-6ac8445d5a01', 'arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/ledger-AbCdEf', 'secret', '441205839201', 'us-east-1', 'payments/ledger', '{"arn": "arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/ledger-AbCdEf", "name": "payments/ledger", "tags": {"owner": "payments"}, "detail": {"secret": {"rotation": {"rules": null, "enabled": true, "lambda_arn": null, "last_rotated_at": null, "next_rotation_at": [2026, 319, 1, 8, 31, 963809419, 0, 0, 0]}, "versions": [], "deleted_at": null, "accessed_on": null, "owning_service": null, "primary_region": null}}, "changed_at": [2026, 305, 9, 0, 0, 0, 0, 0, 0], "created_at": [2026, 305, 9, 0, 0, 0, 0, 0, 0], "kms_key_id": null, "description": "about payments/ledger"}', 'payments/ledger
arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/ledger-abcdef
about payments/ledger
owner=payments', 'payments', 'named', NULL, 'aws-managed', true, '2026-11-15 01:08:31.963809+00', NULL, NULL, '{}', NULL, true, NULL, '2026-11-01 09:00:00+00', NULL, '\xd926fcdf2f9f461c18453c90018e0ff1c78408dee780a69c4a02ff270774f0ea', '2026-11-18 01:08:31.963809+00', '2026-11-18 01:08:31.963809+00', NULL, NULL, '{"replicas": {"read": []}, "versions": {"read": [{"id": "v1", "stages": ["AWSCURRENT"], "created_at": [2026, 305, 9, 0, 0, 0, 0, 0, 0]}]}, "of_change": [2026, 305, 9, 0, 0, 0, 0, 0, 0], "resource_policy": {"read": null}}', '2026-11-18 01:08:31.963809+00', '2026-11-01 09:00:00+00', '\x7b7f9296fbf73a33a930b105c0b3ece1c50896bf989080dda70d7245a3deb815', 159502),
	('01a21fb2-5bee-74f6-93de-84273c88cb18', 'arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/stripe-AbCdEf', 'secret', '441205839201', 'us-east-1', 'payments/stripe', '{"arn": "arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/stripe-AbCdEf", "name": "payments/stripe", "tags": {"env": "prod", "owner": "payments"}, "detail": {"secret": {"rotation": {"rules": null, "enabled": null, "lambda_arn": null, "last_rotated_at": null, "next_rotation_at": null}, "versions": [], "deleted_at": null, "accessed_on": null, "owning_service": null, "primary_region": null}}, "changed_at": [2026, 305, 9, 0, 1, 0, 0, 0, 0], "created_at": [2026, 305, 9, 0, 0, 0, 0, 0, 0], "kms_key_id": "alias/payments", "description": "about payments/stripe"}', 'payments/stripe
arn:aws:secretsmanager:us-east-1:441205839201:secret:payments/stripe-abcdef
about payments/stripe
env=prod
owner=payments', 'payments', 'named', NULL, 'customer-managed', NULL, NULL, NULL, NULL, '{}', NULL, true, NULL, '2026-11-01 09:00:01+00', NULL, '\xbe7367617ef1740ccd39cbedf7e5d495d97442ade557b47f4e0f39f7a94ce3f7', '2026-11-18 01:08:31.963809+00', '2026-11-21 06:28:31.963809+00', NULL, NULL, '{"replicas": {"read": []}, "versions": {"read": [{"id": "v1", "stages": ["AWSCURRENT"], "created_at": [2026, 305, 9, 0, 0, 0, 0, 0, 0]}]}, "of_change": [2026, 305, 9, 0, 0, 0, 0, 0, 0], "resource_policy": {"read": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"secretsmanager:GetSecretValue\",\"Resource\":\"*\"}]}"}}', '2026-11-18 01:08:31.963809+00', '2026-11-01 09:00:00+00', '\x2ca7e506c5301a7031f5e6b5d8807daf981afda870c64e25b81588ee205a1ea7', 159718),
	('01a21fb2-5cb7-7476-8f18-e2955cb79294', 'arn:aws:secretsmanager:us-east-1:561840927734:secret:ml/openai-AbCdEf', 'secret', '561840927734', 'us-east-1', 'ml/openai', '{"arn": "arn:aws:secretsmanager:us-east-1:561840927734:secret:ml/openai-AbCdEf", "name": "ml/openai", "tags": {"env": "prod", "owner": "payments"}, "detail": {"secret": {"rotation": {"rules": null, "enabled": null, "lambda_arn": null, "last_rotated_at": null, "next_rotation_at": null}, "versions": [], "deleted_at": null, "accessed_on": null, "owning_service": null, "primary_region": null}}, "changed_at": [2026, 305, 9, 0, 1, 0, 0, 0, 0], "created_at": [2026, 305, 9, 0, 0, 0, 0, 0, 0], "kms_key_id": null, "description": "about ml/openai"}', 'ml/openai
arn:aws:secretsmanager:us-east-1:561840927734:secret:ml/openai-abcdef
about ml/openai
env=prod
owner=payments', 'payments', 'named', NULL, 'aws-managed', NULL, NULL, NULL, NULL, '{}', NULL, true, NULL, '2026-11-01 09:00:01+00', NULL, '\x6e97cb9396cce991d5e69dbb30913e68d447693da258aa9d5a53400ff1547ce1', '2026-11-18 01:08:31.963809+00', '2026-11-19 04:28:31.963809+00', NULL, NULL, '{"replicas": {"read": []}, "versions": {"read": [{"id": "v1", "stages": ["AWSCURRENT"], "created_at": [2026, 305, 9, 0, 0, 0, 0, 0, 0]}]}, "of_change": [2026, 305, 9, 0, 0, 0, 0, 0, 0], "resource_policy": {"read": null}}', '2026-11-18 01:08:31.963809+00', '2026-11-01 09:00:00+00', '\x7b7f9296fbf73a33a930b105c0b3ece1c50896bf989080dda70d7245a3deb815', 159623);

INSERT INTO public.resource_change OVERRIDING SYSTEM VALUE VALUES
	(1, '2026-11-18 01:28:31.963809+00', '01a21fb2-5be0-715d-b4aa-6ac972eb418b', '441205839201', 'changed', 'Description', 'about payments/kafka', 'Of the brokers.'),
	(2, '2026-11-18 01:28:31.963809+00', '01a21fb2-5be0-715d-b4aa-6ac972eb418b', '441205839201', 'changed', 'KmsKeyId', 'alias/payments', NULL),
	(3, '2026-11-18 01:28:31.963809+00', '01a21fb2-5c1b-72f0-b0f5-ecc4a3c72750', '458812704336', 'gone', '', NULL, NULL),
	(4, '2026-11-19 04:28:31.963809+00', '01a21fb2-5cb7-7476-8f18-e2955cb79294', '561840927734', 'changed', 'Tags.env', NULL, 'prod'),
	(5, '2026-11-19 06:28:31.963809+00', '01a21fb2-5be0-715d-b4aa-6ac972eb418b', '441205839201', 'changed', 'Tags.env', NULL, 'prod'),
	(6, '2026-11-21 06:28:31.963809+00', '01a21fb2-5bee-74f6-93de-84273c88cb18', '441205839201', 'changed', 'Tags.env', NULL, 'prod');

INSERT INTO public.resource_findings VALUES
	('01a21fb2-5be0-715d-b4aa-6ac8445d5a01', '441205839201', 'payments', '[["rotation-failing","rotation","high","fail",1794964111963809,1796173711963809,null,0,null],["customer-managed-key","encryption","low","fail",1794964111963809,1802740111963809,null,0,null],["env","tags","low","fail",1794964111963809,1802740111963809,null,0,null]]', '[["Rotation has failed since its date passed.",[["NextRotationDate","2026-11-15"]]],["It is under the AWS managed key.",[["KmsKeyId","absent: the AWS managed key"]]],["Tags are missing, or have a value that is not allowed.",[["env","is missing"]]]]', 159539),
	('01a21fb2-5cb7-7476-8f18-e29686db31d3', '561840927734', 'research', '[["rotation-enabled","rotation","medium","fail",1794964111963809,1797556111963809,null,0,null],["customer-managed-key","encryption","low","fail",1794964111963809,1802740111963809,null,0,null],["env","tags","low","fail",1794964111963809,1802740111963809,null,0,null]]', '[["Rotation was never set up.",[["RotationEnabled","absent: never configured"]]],["It is under the AWS managed key.",[["KmsKeyId","absent: the AWS managed key"]]],["Tags are missing, or have a value that is not allowed.",[["env","is missing"]]]]', 159541),
	('01a21fb2-5c1b-72f0-b0f5-ecc4a3c72750', '458812704336', NULL, '[["owner","tags","medium","fail",1794964111963809,1797556111963809,1794965311963809,0,null],["rotation-enabled","rotation","medium","fail",1794964111963809,1797556111963809,1794965311963809,0,null],["customer-managed-key","encryption","low","fail",1794964111963809,1802740111963809,1794965311963809,0,null],["env","tags","low","fail",1794964111963809,1802740111963809,1794965311963809,0,null]]', '[["No tag names its owner.",[]],["Rotation was never set up.",[["RotationEnabled","absent: never configured"]]],["It is under the AWS managed key.",[["KmsKeyId","absent: the AWS managed key"]]],["Tags are missing, or have a value that is not allowed.",[["env","is missing"]]]]', 159578),
	('01a21fb2-5cb7-7476-8f18-e2955cb79294', '561840927734', 'payments', '[["rotation-enabled","rotation","medium","fail",1794964111963809,1797556111963809,null,0,null],["customer-managed-key","encryption","low","fail",1794964111963809,1802740111963809,null,0,null],["env","tags","low","fail",1794964111963809,1802740111963809,1795062511963809,0,null]]', '[["Rotation was never set up.",[["RotationEnabled","absent: never configured"]]],["It is under the AWS managed key.",[["KmsKeyId","absent: the AWS managed key"]]],["Tags are missing, or have a value that is not allowed.",[["env","is missing"]]]]', 159631),
	('01a21fb2-5be0-715d-b4aa-6ac972eb418b', '441205839201', 'payments', '[["rotation-enabled","rotation","medium","fail",1794964111963809,1797556111963809,null,0,null],["customer-managed-key","encryption","low","fail",1794965311963809,1802741311963809,null,0,null],["env","tags","low","fail",1794964111963809,1802740111963809,1795069711963809,0,null]]', '[["Rotation was never set up.",[["RotationEnabled","absent: never configured"]]],["It is under the AWS managed key.",[["KmsKeyId","absent: the AWS managed key"]]],["Tags are missing, or have a value that is not allowed.",[["env","is missing"]]]]', 159706),
	('01a21fb2-5bee-74f6-93de-84273c88cb18', '441205839201', 'payments', '[["public-policy","exposure","critical","fail",1794964111963809,1795223311963809,null,0,null],["shared-outside","exposure","critical","fail",1794964111963809,1795223311963809,null,0,null],["rotation-enabled","rotation","medium","fail",1794964111963809,1797556111963809,null,0,null],["env","tags","low","fail",1794964111963809,1802740111963809,1795242511963809,0,null]]', '[["Its resource policy lets anyone in.",[["Principal *","secretsmanager:GetSecretValue"]]],["Its resource policy reaches outside the Organization.",[["Principal *","secretsmanager:GetSecretValue"]]],["Rotation was never set up.",[["RotationEnabled","absent: never configured"]]],["Tags are missing, or have a value that is not allowed.",[["env","is missing"]]]]', 159731),
	('01a21fb2-5be9-7526-9d27-5c52ef658e4d', '441205839201', NULL, '[["paths","exposure","high","fail",1794964111963809,1796173711963809,null,0,null],["read-by-path","exposure","high","fail",1794964111963809,1796173711963809,null,0,null],["owner","tags","medium","unknown",1794964111963809,1797556111963809,null,0,null],["customer-managed-key","encryption","low","fail",1794964111963809,1802740111963809,null,0,null],["env","tags","low","unknown",1794964111963809,1802740111963809,null,0,null],["tag-policy","tags","low","unknown",1794964111963809,1802740111963809,null,0,null],["tagged","tags","low","unknown",1794964111963809,1802740111963809,1795242511963809,0,null]]', '[["It is denied to a principal that can read it with GetParametersByPath all the same.",[["arn:aws:iam::441205839201:role/batch","lists /payments"]]],["It is denied to a principal that can read it with GetParametersByPath all the same.",[["arn:aws:iam::441205839201:role/batch","lists /payments"]]],["Its tags could not be read.",[]],["It is under the AWS managed key.",[["KmsKeyId","absent: the AWS managed key"]]],["Its tags could not be read.",[]],["Its tags could not be read.",[]],["Its tags could not be read.",[]]]', 159814),
	('01a21fb2-5c7f-758e-9e7d-924a3d5eb04b', '458812704336', NULL, '[["owner","tags","medium","unknown",1794964111963809,1797556111963809,null,0,null],["customer-managed-key","encryption","low","fail",1794964111963809,1802740111963809,null,0,null],["env","tags","low","unknown",1794964111963809,1802740111963809,null,0,null],["tag-policy","tags","low","unknown",1794964111963809,1802740111963809,null,0,null],["tagged","tags","low","unknown",1794964111963809,1802740111963809,1795242511963809,0,null]]', '[["Its tags could not be read.",[]],["It is under the AWS managed key.",[["KmsKeyId","absent: the AWS managed key"]]],["Its tags could not be read.",[]],["Its tags could not be read.",[]],["Its tags could not be read.",[]]]', 159815),
	('01a21fb2-5c1b-72f0-b0f5-ecc3d1e2805c', '458812704336', NULL, '[["owner","tags","medium","fail",1794964111963809,1797556111963809,null,0,null],["rotation-enabled","rotation","medium","fail",1794964111963809,1797556111963809,null,0,null],["customer-managed-key","encryption","low","fail",1794964111963809,1802740111963809,null,0,null],["env","tags","low","fail",1794964111963809,1802740111963809,null,0,3]]', '[["No tag names its owner.",[]],["Rotation was never set up.",[["RotationEnabled","absent: never configured"]]],["It is under the AWS managed key.",[["KmsKeyId","absent: the AWS managed key"]]],["Tags are missing, or have a value that is not allowed.",[["env","is missing"]]]]', 159815);

INSERT INTO public.saved_view VALUES
	('01a21fb2-737b-700f-b1b9-c0cb05d47ff9', 'ada', 'Mine', 'kind=secret&sort=changed&dir=desc', false, '2026-11-21 08:58:31.963809+00'),
	('01a21fb2-737f-71d8-aa26-902c4c6a4c47', 'ada', 'All of payments', 'team=payments', true, '2026-11-21 08:58:31.963809+00');

INSERT INTO public.scan VALUES
	('441205839201', 'us-east-1', '01a21fb2-7397-72a1-8489-8c5fcee1ce97', 'queued', '2026-11-21 08:58:31.963809+00', NULL, NULL, 0, '2026-11-18 01:08:31.963809+00'),
	('441205839201', 'eu-west-1', '01a21fb2-7397-72a1-8489-8c5fcee1ce97', 'queued', '2026-11-21 08:58:31.963809+00', NULL, NULL, 0, '2026-11-18 01:08:31.963809+00'),
	('458812704336', 'us-east-1', '01a21fb2-7397-72a1-8489-8c5fcee1ce97', 'queued', '2026-11-21 08:58:31.963809+00', NULL, NULL, 0, '2026-11-18 01:08:31.963809+00'),
	('458812704336', 'eu-west-1', '01a21fb2-7397-72a1-8489-8c5fcee1ce97', 'queued', '2026-11-21 08:58:31.963809+00', NULL, NULL, 0, '2026-11-18 01:08:31.963809+00'),
	('561840927734', 'us-east-1', '01a21fb2-7397-72a1-8489-8c5fcee1ce97', 'queued', '2026-11-21 08:58:31.963809+00', NULL, NULL, 0, '2026-11-18 01:08:31.963809+00'),
	('561840927734', 'eu-west-1', '01a21fb2-7397-72a1-8489-8c5fcee1ce97', 'queued', '2026-11-21 08:58:31.963809+00', NULL, NULL, 0, '2026-11-18 01:08:31.963809+00');

INSERT INTO public.scan_list VALUES
	('441205839201', 'us-east-1', 'parameter-tags', '2026-11-18 01:08:31.963809+00', 'denied', 'Fake', 'GetResources', NULL),
	('458812704336', 'us-east-1', 'parameter-tags', '2026-11-18 01:08:31.963809+00', 'denied', 'Fake', 'GetResources', NULL),
	('441205839201', 'us-east-1', 'secrets', '2026-11-18 01:28:31.963809+00', NULL, NULL, NULL, '2026-11-18 01:28:31.963809+00'),
	('441205839201', 'us-east-1', 'parameters', '2026-11-18 01:28:31.963809+00', 'denied', 'Fake', 'DescribeParameters', '2026-11-18 01:08:31.963809+00'),
	('441205839201', 'eu-west-1', 'secrets', '2026-11-18 01:28:31.963809+00', NULL, NULL, NULL, '2026-11-18 01:28:31.963809+00'),
	('441205839201', 'eu-west-1', 'parameters', '2026-11-18 01:28:31.963809+00', 'denied', 'Fake', 'DescribeParameters', '2026-11-18 01:08:31.963809+00'),
	('458812704336', 'us-east-1', 'secrets', '2026-11-18 01:28:31.963809+00', NULL, NULL, NULL, '2026-11-18 01:28:31.963809+00'),
	('458812704336', 'us-east-1', 'parameters', '2026-11-18 01:28:31.963809+00', 'denied', 'Fake', 'DescribeParameters', '2026-11-18 01:08:31.963809+00'),
	('458812704336', 'eu-west-1', 'secrets', '2026-11-18 01:28:31.963809+00', NULL, NULL, NULL, '2026-11-18 01:28:31.963809+00'),
	('458812704336', 'eu-west-1', 'parameters', '2026-11-18 01:28:31.963809+00', 'denied', 'Fake', 'DescribeParameters', '2026-11-18 01:08:31.963809+00'),
	('561840927734', 'us-east-1', 'secrets', '2026-11-18 01:28:31.963809+00', NULL, NULL, NULL, '2026-11-18 01:28:31.963809+00'),
	('561840927734', 'us-east-1', 'parameters', '2026-11-18 01:28:31.963809+00', 'denied', 'Fake', 'DescribeParameters', '2026-11-18 01:08:31.963809+00'),
	('561840927734', 'eu-west-1', 'secrets', '2026-11-18 01:28:31.963809+00', NULL, NULL, NULL, '2026-11-18 01:28:31.963809+00'),
	('561840927734', 'eu-west-1', 'parameters', '2026-11-18 01:28:31.963809+00', 'denied', 'Fake', 'DescribeParameters', '2026-11-18 01:08:31.963809+00');

INSERT INTO public.session VALUES
	('\xb219ac34de0cd2551203194bf68079880e26eaf9de9d87ff04d048e36f94e8b0', '{"sign_in": {"id": "01a21fb2-3b5a-7312-9c56-d8b584c5a8e5", "seen_at": "2026-11-28T01:08:24.026641125Z"}}', '2121-12-22 06:28:24.026641+00');

INSERT INTO public.sign_in VALUES
	('01a21fb2-3b5a-7312-9c56-d8b584c5a8e5', 'ada', 'ada', 'ada@example.com', '{admins}', '{"claim": "groups", "source": "id-token", "unread": 0, "overage": false}', NULL, '\x01cad9fa1312a542317a70e1b0d7ac42f6a784baaf27bc0cc7005306c3f88b1bf742442252133be6a6baadb5ae21888709144bffca7102bea45d77e890c075313369bb2b53b1a8e99f05a1ff1e6edc5219ca28893652609110ea37c0fb3cf7416728775a5535e401362d52481d4650c9c116c03cd519501a6b416dcdf53e0ccca8f68bf411d7462d7000377ab1a44bbf66cafa9fd834168a6f6bb15a4245670e6e96f7e26ba95ce2fd1886ace88d5d01ca8f27a09bc8b3bdf3676279fe4b66cea7022f89cc47d88368482344dc16f022a8ae95f3351ff367c230bccd76b0ae5303d76d818def473683fe4d8b340407b170bf25ffc08f28430539b04cdf822cf6b645cc5e78dac14ebaf8776f8488bd6e68d636ee17d7ab6fe611a6df556a7adf3d953a03d9f03a06f0097e4e68a85a62859c149e300061e40cd529a36466574a224ffc0a4f64130f6b89d054be89935a43eca28e93890f814a1df648aecfbfafb42f0311213f115ed53978ddad010bbad2176c6bd17e921e0bee3d4dca710fd19b71caddb2ff484984c600a4197dfa497262f561482fc1510a7d74fe3e83c1f89167f06f65c3595895d94e27bbe5fc6b6fe5d3c386ccc1f835cac08c94f0dd3239827b544d812cd56c91706f94057120029dabfe15d829ed41ad96d80a89338f959b3c90a729fa322d050bef26bec22581ff88214e21500ee4b78ab5b10a5254ec1c35949feb463bf8ce5e2bfe93311776e717e022b8a8924debfbf852f7', '2026-11-28 01:08:24.026848+00', '2026-11-28 01:08:24.026848+00', NULL, NULL, '2118-03-04 09:08:24.026641+00');

INSERT INTO public.sweep VALUES
	('01a21fb2-38d0-7290-a59b-68134150414b', 'start', NULL, '2026-11-28 01:08:23.016221+00', NULL, '2026-11-28 01:08:31.740726+00', 'unreachable'),
	('01a21fb2-5b44-72e9-ac5d-e2eb5b51c46f', 'start', NULL, '2026-11-18 01:08:31.963809+00', '2026-11-18 01:08:31.963809+00', '2026-11-18 01:08:31.963809+00', NULL),
	('01a21fb2-608a-735f-8392-3417948f5261', 'start', NULL, '2026-11-18 01:28:31.963809+00', '2026-11-18 01:28:31.963809+00', '2026-11-18 01:28:31.963809+00', NULL),
	('01a21fb2-7397-72a1-8489-8c5fcee1ce97', 'start', NULL, '2026-11-21 08:58:31.963809+00', '2026-11-21 08:58:31.963809+00', NULL, NULL);

INSERT INTO public.tag_policy VALUES
	('p-env', 'env', '{"tags": {"env": {"tag_key": {"@@assign": "env"}, "tag_value": {"@@assign": ["prod"]}}}}', '{r-test}');

INSERT INTO public.used_state VALUES
	('\xc7fb9556a04262211c093fe79585a2c521c4a6bd55f13bb25f581a884da81540', '2026-11-28 01:18:23.984265+00');

INSERT INTO public.waiver OVERRIDING SYSTEM VALUE VALUES
	(1, 'env', '01a21fb2-5be0-715d-b4aa-6ac8445d5a01', NULL, NULL, 'It moves.', '{"name": "ada", "email": "ada@example.com", "subject": "ada"}', 'expired', '2026-11-19 06:28:31.963809+00', '2026-11-21 00:00:00+00', '{"at": [2026, 323, 6, 28, 31, 963809419, 0, 0, 0], "by": {"name": "sol", "email": "sol@example.com", "subject": "sol"}, "note": "So."}', NULL, NULL, NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(2, 'env', NULL, '561840927734', NULL, 'It moves.', '{"name": "ada", "email": "ada@example.com", "subject": "ada"}', 'waiting', '2026-11-21 06:28:31.963809+00', '2109-01-11 00:00:00+00', NULL, NULL, NULL, NULL, NULL, NULL),
	(3, 'env', NULL, '458812704336', NULL, 'It moves.', '{"name": "ada", "email": "ada@example.com", "subject": "ada"}', 'approved', '2026-11-21 06:28:31.963809+00', '2109-01-11 00:00:00+00', '{"at": [2026, 325, 6, 28, 31, 963809419, 0, 0, 0], "by": {"name": "sol", "email": "sol@example.com", "subject": "sol"}, "note": "So."}', '{"at": [2026, 325, 6, 28, 31, 963809419, 0, 0, 0], "by": {"name": "sol", "email": "sol@example.com", "subject": "sol"}, "note": "So."}', NULL, '2026-12-21 06:28:31.963809+00', NULL, NULL),
	(4, 'paths', NULL, NULL, NULL, 'It moves.', '{"name": "ada", "email": "ada@example.com", "subject": "ada"}', 'ended', '2026-11-21 06:28:31.963809+00', '2109-01-11 00:00:00+00', '{"at": [2026, 325, 6, 28, 31, 963809419, 0, 0, 0], "by": {"name": "sol", "email": "sol@example.com", "subject": "sol"}, "note": "So."}', NULL, '{"at": [2026, 325, 6, 28, 31, 963809419, 0, 0, 0], "by": {"name": "sol", "email": "sol@example.com", "subject": "sol"}, "note": "So."}', NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(5, 'env', NULL, NULL, 'ou-sand', 'It moves.', '{"name": "ada", "email": "ada@example.com", "subject": "ada"}', 'denied', '2026-11-21 06:28:31.963809+00', '2109-01-11 00:00:00+00', '{"at": [2026, 325, 6, 28, 31, 963809419, 0, 0, 0], "by": {"name": "sol", "email": "sol@example.com", "subject": "sol"}, "note": "So."}', NULL, NULL, NULL, NULL, '2026-11-21 06:28:31.963809+00'),
	(6, NULL, '01a21fb2-5be0-715d-b4aa-6ac8445d5a01', NULL, NULL, 'It moves.', '{"name": "ada", "email": "ada@example.com", "subject": "ada"}', 'withdrawn', '2026-11-21 06:28:31.963809+00', '2109-01-11 00:00:00+00', '{"at": [2026, 325, 6, 28, 31, 963809419, 0, 0, 0], "by": {"name": "ada", "email": "ada@example.com", "subject": "ada"}, "note": "So."}', NULL, NULL, NULL, NULL, '2026-11-21 06:28:31.963809+00');

SELECT pg_catalog.setval('graphile_worker.job_queues_id_seq', 1, false);

SELECT pg_catalog.setval('graphile_worker.jobs_id_seq1', 373, true);

SELECT pg_catalog.setval('graphile_worker.tasks_id_seq', 2, true);

SELECT pg_catalog.setval('public.access_grant_id_seq', 16, true);

SELECT pg_catalog.setval('public.access_request_id_seq', 16, true);

SELECT pg_catalog.setval('public.delivery_id_seq', 185, true);

SELECT pg_catalog.setval('public.notice_id_seq', 152, true);

SELECT pg_catalog.setval('public.plan_id_seq', 7, true);

SELECT pg_catalog.setval('public.resource_change_id_seq', 6, true);

SELECT pg_catalog.setval('public.waiver_id_seq', 6, true);

ALTER TABLE ONLY graphile_worker._private_job_retirements
    ADD CONSTRAINT _private_job_retirements_pkey PRIMARY KEY (id);

ALTER TABLE ONLY graphile_worker._private_workers
    ADD CONSTRAINT _private_workers_pkey PRIMARY KEY (id);

ALTER TABLE ONLY graphile_worker._private_job_queues
    ADD CONSTRAINT job_queues_pkey1 PRIMARY KEY (id);

ALTER TABLE ONLY graphile_worker._private_job_queues
    ADD CONSTRAINT job_queues_queue_name_key UNIQUE (queue_name);

ALTER TABLE ONLY graphile_worker._private_jobs
    ADD CONSTRAINT jobs_key_key1 UNIQUE (key);

ALTER TABLE ONLY graphile_worker._private_jobs
    ADD CONSTRAINT jobs_pkey1 PRIMARY KEY (id);

ALTER TABLE ONLY graphile_worker._private_known_crontabs
    ADD CONSTRAINT known_crontabs_pkey PRIMARY KEY (identifier);

ALTER TABLE ONLY graphile_worker.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY graphile_worker._private_tasks
    ADD CONSTRAINT tasks_identifier_key UNIQUE (identifier);

ALTER TABLE ONLY graphile_worker._private_tasks
    ADD CONSTRAINT tasks_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public._sqlx_migrations
    ADD CONSTRAINT _sqlx_migrations_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.access_decision
    ADD CONSTRAINT access_decision_pkey PRIMARY KEY (grant_id, subject);

ALTER TABLE ONLY public.access_denial
    ADD CONSTRAINT access_denial_pkey PRIMARY KEY (grant_id);

ALTER TABLE ONLY public.access_grant
    ADD CONSTRAINT access_grant_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.access_grant_resource
    ADD CONSTRAINT access_grant_resource_pkey PRIMARY KEY (grant_id, "position");

ALTER TABLE ONLY public.access_grant
    ADD CONSTRAINT access_grant_session_name_key UNIQUE (session_name);

ALTER TABLE ONLY public.access_request
    ADD CONSTRAINT access_request_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.access_review
    ADD CONSTRAINT access_review_pkey PRIMARY KEY (grant_id);

ALTER TABLE ONLY public.access_session
    ADD CONSTRAINT access_session_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.access_trail_event
    ADD CONSTRAINT access_trail_event_pkey PRIMARY KEY (grant_id, event_id);

ALTER TABLE ONLY public.access_trail
    ADD CONSTRAINT access_trail_pkey PRIMARY KEY (grant_id);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.audit_entry
    ADD CONSTRAINT audit_entry_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY public.audit_head
    ADD CONSTRAINT audit_head_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY public.brake
    ADD CONSTRAINT brake_pkey PRIMARY KEY (is_one);

ALTER TABLE ONLY public.config_result
    ADD CONSTRAINT config_result_pkey PRIMARY KEY (resource, rule, account_id, region);

ALTER TABLE ONLY public.delivery
    ADD CONSTRAINT delivery_notice_id_channel_key UNIQUE (notice_id, channel);

ALTER TABLE ONLY public.delivery
    ADD CONSTRAINT delivery_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.digest
    ADD CONSTRAINT digest_pkey PRIMARY KEY (subject, week);

ALTER TABLE ONLY public.effective_tag_policy
    ADD CONSTRAINT effective_tag_policy_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY public.evaluation
    ADD CONSTRAINT evaluation_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY public.inventory_export
    ADD CONSTRAINT inventory_export_pkey PRIMARY KEY (subject, token);

ALTER TABLE ONLY public.judgement
    ADD CONSTRAINT judgement_pkey PRIMARY KEY (resource_id);

ALTER TABLE ONLY public.kms_key
    ADD CONSTRAINT kms_key_pkey PRIMARY KEY (account_id, region, key_id);

ALTER TABLE ONLY public.logout_token
    ADD CONSTRAINT logout_token_pkey PRIMARY KEY (id_hash);

ALTER TABLE ONLY public.notice
    ADD CONSTRAINT notice_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.organization
    ADD CONSTRAINT organization_pkey PRIMARY KEY (is_one);

ALTER TABLE ONLY public.ou
    ADD CONSTRAINT ou_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.parameter_tags_read
    ADD CONSTRAINT parameter_tags_read_pkey PRIMARY KEY (account_id, region);

ALTER TABLE ONLY public.path_reader
    ADD CONSTRAINT path_reader_pkey PRIMARY KEY (account_id, principal);

ALTER TABLE ONLY public.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (subject);

ALTER TABLE ONLY public.plan
    ADD CONSTRAINT plan_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.plan_step
    ADD CONSTRAINT plan_step_pkey PRIMARY KEY (plan_id, "position");

ALTER TABLE ONLY public.policy
    ADD CONSTRAINT policy_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.policy_version
    ADD CONSTRAINT policy_version_pkey PRIMARY KEY (policy_id, version);

ALTER TABLE ONLY public.posture_day
    ADD CONSTRAINT posture_day_pkey PRIMARY KEY (day, account_id);

ALTER TABLE ONLY public.posture_gap
    ADD CONSTRAINT posture_gap_pkey PRIMARY KEY (account_id, says);

ALTER TABLE ONLY public.posture_offender
    ADD CONSTRAINT posture_offender_pkey PRIMARY KEY (account_id, resource_id);

ALTER TABLE ONLY public.posture
    ADD CONSTRAINT posture_pkey PRIMARY KEY (account_id, team, policy_id);

ALTER TABLE ONLY public.readiness
    ADD CONSTRAINT readiness_pkey PRIMARY KEY (account_id, item, region);

ALTER TABLE ONLY public.resource
    ADD CONSTRAINT resource_arn_key UNIQUE (arn);

ALTER TABLE ONLY public.resource_change
    ADD CONSTRAINT resource_change_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.resource_findings
    ADD CONSTRAINT resource_findings_pkey PRIMARY KEY (resource_id);

ALTER TABLE ONLY public.resource
    ADD CONSTRAINT resource_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.saved_view
    ADD CONSTRAINT saved_view_owner_name_key UNIQUE (owner, name);

ALTER TABLE ONLY public.saved_view
    ADD CONSTRAINT saved_view_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.scan_list
    ADD CONSTRAINT scan_list_pkey PRIMARY KEY (account_id, region, list);

ALTER TABLE ONLY public.scan
    ADD CONSTRAINT scan_pkey PRIMARY KEY (account_id, region);

ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (id_hash);

ALTER TABLE ONLY public.sign_in
    ADD CONSTRAINT sign_in_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.signed_out
    ADD CONSTRAINT signed_out_pkey PRIMARY KEY (kind, id);

ALTER TABLE ONLY public.sweep
    ADD CONSTRAINT sweep_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.tag_policy
    ADD CONSTRAINT tag_policy_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.used_state
    ADD CONSTRAINT used_state_pkey PRIMARY KEY (state_hash);

ALTER TABLE ONLY public.waiver
    ADD CONSTRAINT waiver_pkey PRIMARY KEY (id);

CREATE INDEX _private_workers_last_heartbeat_at_idx ON graphile_worker._private_workers USING btree (last_heartbeat_at);

CREATE INDEX jobs_main_index ON graphile_worker._private_jobs USING btree (priority, run_at) INCLUDE (id, task_id, job_queue_id) WHERE (is_available = true);

CREATE INDEX jobs_no_queue_index ON graphile_worker._private_jobs USING btree (priority, run_at) INCLUDE (id, task_id) WHERE ((is_available = true) AND (job_queue_id IS NULL));

CREATE INDEX access_denial_account ON public.access_denial USING btree (account_id) WHERE (collected_at IS NULL);

CREATE INDEX access_grant_next ON public.access_grant USING btree (next_at) WHERE (next_at IS NOT NULL);

CREATE INDEX access_grant_open ON public.access_grant USING btree (word, id) WHERE (word = ANY (ARRAY['requested'::text, 'approved'::text, 'claimable'::text, 'active'::text]));

CREATE INDEX access_grant_request ON public.access_grant USING btree (request_id);

CREATE INDEX access_grant_requester ON public.access_grant USING btree (requester, id DESC);

CREATE INDEX access_grant_resource_of ON public.access_grant_resource USING btree (resource_id);

CREATE INDEX access_request_requester ON public.access_request USING btree (requester, id DESC);

CREATE INDEX access_review_open ON public.access_review USING btree (grant_id) WHERE (closed_at IS NULL);

CREATE INDEX access_session_grant ON public.access_session USING btree (grant_id);

CREATE INDEX account_ou_path ON public.account USING gin (ou_path);

CREATE INDEX audit_started ON public.audit_entry USING btree (started) WHERE (started IS NOT NULL);

CREATE INDEX audit_subject ON public.audit_entry USING btree (subject, seq);

CREATE INDEX config_result_place ON public.config_result USING btree (account_id, region);

CREATE INDEX delivery_delivered ON public.delivery USING btree (channel, ended_at) WHERE (state = 'delivered'::text);

CREATE INDEX delivery_failed ON public.delivery USING btree (channel, failed_at) WHERE (failed_at IS NOT NULL);

CREATE INDEX delivery_waiting ON public.delivery USING btree (next_at) WHERE (state = 'waiting'::text);

CREATE INDEX inventory_export_begun ON public.inventory_export USING btree (begun_at);

CREATE INDEX judgement_account ON public.judgement USING btree (account_id);

CREATE INDEX notice_recipient ON public.notice USING btree (recipient, id DESC);

CREATE INDEX notice_unread ON public.notice USING btree (recipient) WHERE (read_at IS NULL);

CREATE INDEX plan_open ON public.plan USING btree (id) WHERE (state = ANY (ARRAY['waiting'::text, 'running'::text, 'stopped'::text]));

CREATE INDEX plan_step_began ON public.plan_step USING btree (began_at) WHERE (began_at IS NOT NULL);

CREATE INDEX plan_step_open ON public.plan_step USING btree (plan_id, account_id) WHERE (state = ANY (ARRAY['pending'::text, 'running'::text]));

CREATE INDEX plan_step_resource ON public.plan_step USING btree (resource_id, policy_id);

CREATE INDEX resource_change_account ON public.resource_change USING btree (account_id, id DESC);

CREATE INDEX resource_change_at ON public.resource_change USING btree (at);

CREATE INDEX resource_change_resource ON public.resource_change USING btree (resource_id, id DESC);

CREATE INDEX resource_details_not_read ON public.resource USING btree (account_id) WHERE ((kind = 'secret'::text) AND (gone_at IS NULL) AND is_listed AND (deep_read_at IS NULL));

CREATE INDEX resource_findings_account ON public.resource_findings USING btree (account_id);

CREATE INDEX resource_findings_written ON public.resource_findings USING btree (written);

CREATE INDEX resource_name ON public.resource USING btree (name COLLATE "C", id);

CREATE INDEX resource_not_evaluated ON public.resource USING btree (account_id, id) WHERE ((gone_at IS NOT NULL) OR (NOT is_listed));

CREATE INDEX resource_place ON public.resource USING btree (account_id, region, kind);

CREATE INDEX resource_primary ON public.resource USING btree (primary_arn) WHERE (primary_arn IS NOT NULL);

CREATE INDEX resource_replicated ON public.resource USING btree (account_id) WHERE ((primary_arn IS NOT NULL) OR (replica_regions <> '{}'::text[]));

CREATE INDEX resource_written ON public.resource USING btree (written);

CREATE INDEX saved_view_shared ON public.saved_view USING btree (name) WHERE shared;

CREATE INDEX scan_open ON public.scan USING btree (sweep_id) WHERE (status = ANY (ARRAY['queued'::text, 'running'::text]));

CREATE INDEX scan_sweep ON public.scan USING btree (sweep_id);

CREATE INDEX session_expires ON public.session USING btree (expires_at);

CREATE INDEX sign_in_expires ON public.sign_in USING btree (expires_at);

CREATE INDEX sign_in_provider_session ON public.sign_in USING btree (provider_session) WHERE (provider_session IS NOT NULL);

CREATE INDEX sign_in_subject ON public.sign_in USING btree (subject);

CREATE UNIQUE INDEX sweep_one_running ON public.sweep USING btree ((true)) WHERE (finished_at IS NULL);

CREATE INDEX sweep_started ON public.sweep USING btree (started_at DESC);

CREATE INDEX used_state_expires ON public.used_state USING btree (expires_at);

CREATE INDEX waiver_open ON public.waiver USING btree (ends_at) WHERE (state = ANY (ARRAY['waiting'::text, 'approved'::text]));

CREATE TRIGGER account_written BEFORE UPDATE ON public.account FOR EACH ROW WHEN (((old.name IS DISTINCT FROM new.name) OR (old.ou_path IS DISTINCT FROM new.ou_path))) EXECUTE FUNCTION public.mark_written();

CREATE TRIGGER audit_entry_unchanged BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_entry FOR EACH STATEMENT EXECUTE FUNCTION public.audit_is_append_only();

CREATE TRIGGER resource_written BEFORE UPDATE ON public.resource FOR EACH ROW WHEN ((((((((old.fingerprint IS DISTINCT FROM new.fingerprint) OR (old.gone_at IS DISTINCT FROM new.gone_at)) OR (old.is_listed IS DISTINCT FROM new.is_listed)) OR (old.replica_regions IS DISTINCT FROM new.replica_regions)) OR (old.used_on IS DISTINCT FROM new.used_on)) OR (old.owner IS DISTINCT FROM new.owner)) OR (old.owner_class IS DISTINCT FROM new.owner_class))) EXECUTE FUNCTION public.mark_written();

ALTER TABLE ONLY graphile_worker._private_job_retirements
    ADD CONSTRAINT _private_job_retirements_id_fkey FOREIGN KEY (id) REFERENCES graphile_worker._private_jobs(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.access_decision
    ADD CONSTRAINT access_decision_grant_id_fkey FOREIGN KEY (grant_id) REFERENCES public.access_grant(id);

ALTER TABLE ONLY public.access_denial
    ADD CONSTRAINT access_denial_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.access_denial
    ADD CONSTRAINT access_denial_grant_id_fkey FOREIGN KEY (grant_id) REFERENCES public.access_grant(id);

ALTER TABLE ONLY public.access_grant
    ADD CONSTRAINT access_grant_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.access_grant
    ADD CONSTRAINT access_grant_request_id_fkey FOREIGN KEY (request_id) REFERENCES public.access_request(id);

ALTER TABLE ONLY public.access_grant_resource
    ADD CONSTRAINT access_grant_resource_grant_id_fkey FOREIGN KEY (grant_id) REFERENCES public.access_grant(id);

ALTER TABLE ONLY public.access_grant_resource
    ADD CONSTRAINT access_grant_resource_resource_id_fkey FOREIGN KEY (resource_id) REFERENCES public.resource(id);

ALTER TABLE ONLY public.access_review
    ADD CONSTRAINT access_review_grant_id_fkey FOREIGN KEY (grant_id) REFERENCES public.access_grant(id);

ALTER TABLE ONLY public.access_session
    ADD CONSTRAINT access_session_grant_id_fkey FOREIGN KEY (grant_id) REFERENCES public.access_grant(id);

ALTER TABLE ONLY public.access_trail_event
    ADD CONSTRAINT access_trail_event_grant_id_fkey FOREIGN KEY (grant_id) REFERENCES public.access_grant(id);

ALTER TABLE ONLY public.access_trail
    ADD CONSTRAINT access_trail_grant_id_fkey FOREIGN KEY (grant_id) REFERENCES public.access_grant(id);

ALTER TABLE ONLY public.config_result
    ADD CONSTRAINT config_result_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.delivery
    ADD CONSTRAINT delivery_notice_id_fkey FOREIGN KEY (notice_id) REFERENCES public.notice(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.effective_tag_policy
    ADD CONSTRAINT effective_tag_policy_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.evaluation
    ADD CONSTRAINT evaluation_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.kms_key
    ADD CONSTRAINT kms_key_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.notice
    ADD CONSTRAINT notice_grant_id_fkey FOREIGN KEY (grant_id) REFERENCES public.access_grant(id);

ALTER TABLE ONLY public.parameter_tags_read
    ADD CONSTRAINT parameter_tags_read_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.path_reader
    ADD CONSTRAINT path_reader_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.plan_step
    ADD CONSTRAINT plan_step_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.plan_step
    ADD CONSTRAINT plan_step_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES public.plan(id);

ALTER TABLE ONLY public.plan_step
    ADD CONSTRAINT plan_step_resource_id_fkey FOREIGN KEY (resource_id) REFERENCES public.resource(id);

ALTER TABLE ONLY public.policy_version
    ADD CONSTRAINT policy_version_policy_id_fkey FOREIGN KEY (policy_id) REFERENCES public.policy(id);

ALTER TABLE ONLY public.posture
    ADD CONSTRAINT posture_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.posture_day
    ADD CONSTRAINT posture_day_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.posture_gap
    ADD CONSTRAINT posture_gap_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.posture_offender
    ADD CONSTRAINT posture_offender_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.posture_offender
    ADD CONSTRAINT posture_offender_resource_id_fkey FOREIGN KEY (resource_id) REFERENCES public.resource(id);

ALTER TABLE ONLY public.posture
    ADD CONSTRAINT posture_policy_id_fkey FOREIGN KEY (policy_id) REFERENCES public.policy(id);

ALTER TABLE ONLY public.readiness
    ADD CONSTRAINT readiness_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.resource
    ADD CONSTRAINT resource_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.resource_change
    ADD CONSTRAINT resource_change_resource_id_fkey FOREIGN KEY (resource_id) REFERENCES public.resource(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.scan
    ADD CONSTRAINT scan_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.scan_list
    ADD CONSTRAINT scan_list_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.scan
    ADD CONSTRAINT scan_sweep_id_fkey FOREIGN KEY (sweep_id) REFERENCES public.sweep(id);

ALTER TABLE ONLY public.waiver
    ADD CONSTRAINT waiver_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.waiver
    ADD CONSTRAINT waiver_policy_id_fkey FOREIGN KEY (policy_id) REFERENCES public.policy(id);

ALTER TABLE ONLY public.waiver
    ADD CONSTRAINT waiver_resource_id_fkey FOREIGN KEY (resource_id) REFERENCES public.resource(id);

ALTER TABLE graphile_worker._private_job_queues ENABLE ROW LEVEL SECURITY;

ALTER TABLE graphile_worker._private_jobs ENABLE ROW LEVEL SECURITY;

ALTER TABLE graphile_worker._private_known_crontabs ENABLE ROW LEVEL SECURITY;

ALTER TABLE graphile_worker._private_tasks ENABLE ROW LEVEL SECURITY;

