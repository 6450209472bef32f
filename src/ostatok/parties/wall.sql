-- What the policies of the wall ask. They read the settings of the session once for each query, as `(SELECT f())`.
-- Those that look into tables run as the owner of the tables, so that a policy does not ask the policies of others.

-- The role that stands behind the wall for a face: «staff» (people and programs of organizations) or «customer».
-- They are named for the owner of the tables: roles belong to the whole server, where others may have an Ostatok too.
CREATE FUNCTION wall_role(face text) RETURNS text IMMUTABLE PARALLEL SAFE
    RETURN CASE face WHEN 'staff' THEN {staff_literal} WHEN 'customer' THEN {customer_literal} END;

CREATE FUNCTION wall_is_raised() RETURNS boolean STABLE PARALLEL SAFE
    RETURN current_setting('role') IN ({staff_literal}, {customer_literal});

CREATE FUNCTION wall_roots() RETURNS bigint[] STABLE PARALLEL SAFE
    RETURN coalesce(nullif(current_setting('ostatok.reach', true), ''), '{{}}')::bigint[];

CREATE FUNCTION wall_clients() RETURNS bigint[] STABLE PARALLEL SAFE
    RETURN coalesce(nullif(current_setting('ostatok.clients', true), ''), '{{}}')::bigint[];

CREATE FUNCTION wall_user() RETURNS bigint STABLE PARALLEL SAFE
    RETURN nullif(current_setting('ostatok.user', true), '')::bigint;

CREATE FUNCTION wall_reached() RETURNS bigint[] STABLE PARALLEL SAFE SECURITY DEFINER
    RETURN (SELECT array_agg(id) FROM organization WHERE path && wall_roots());

-- What is reached and what stands above it: a reseller's clients use the services and rules of its operator.
CREATE FUNCTION wall_above() RETURNS bigint[] STABLE PARALLEL SAFE SECURITY DEFINER
    RETURN (SELECT array_agg(DISTINCT one) FROM organization, unnest(path) AS one WHERE path && wall_roots());

-- The organizations of the session's clients, and those above.
CREATE FUNCTION wall_served_by() RETURNS bigint[] STABLE PARALLEL SAFE SECURITY DEFINER
    RETURN (
        SELECT array_agg(DISTINCT one) FROM client JOIN organization ON organization.id = organization_id, unnest(path) AS one
        WHERE client.id = ANY (wall_clients())
    );

REVOKE EXECUTE ON FUNCTION wall_reached(), wall_above(), wall_served_by() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION wall_reached(), wall_above(), wall_served_by() TO {staff}, {customer};
