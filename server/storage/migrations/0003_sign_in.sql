-- E-mail addresses are compared in lower case only.
alter table people add check (email = lower(email));

insert into people (id, kind, name, access) values
	('00000000-0000-0000-0000-000000000000', 'system', 'Muster', 'admin'),
	('00000000-0000-0000-0000-000000000001', 'token', 'Admin token', 'admin');

-- What belongs to this installation as a whole, on all of its nodes: one row.
create table installation (
	id boolean primary key default true check (id),
	-- Signs session cookies.
	secret text not null
);
insert into installation (secret)
values (replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''));

-- Sessions and credentials are better-auth's tables under our names.
create table sessions (
	id uuid primary key default gen_random_uuid(),
	person uuid not null references people,
	-- SHA-256 of what the cookie holds, hex.
	digest text not null unique,
	address text,
	user_agent text,
	created_at timestamptz not null default now(),
	seen_at timestamptz not null default now(),
	expires_at timestamptz not null
);
create index on sessions (person);

-- How somebody proves who they are: a password, or an account at a provider.
create table credentials (
	id uuid primary key default gen_random_uuid(),
	person uuid not null references people,
	provider text not null,
	account text not null,
	password text, -- Argon2id, as a PHC string
	access_token text,
	refresh_token text,
	id_token text,
	access_token_expires_at timestamptz,
	refresh_token_expires_at timestamptz,
	scope text,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	unique (provider, account)
);
create index on credentials (person);

-- A link by which one person joins, once.
create table invitations (
	id uuid primary key default gen_random_uuid(),
	digest bytea not null unique, -- SHA-256 of what the link holds
	access text not null check (access in ('viewer', 'responder', 'admin')),
	name text,
	email text,
	invited_by uuid not null references people,
	created_at timestamptz not null default now(),
	expires_at timestamptz not null,
	used_at timestamptz,
	used_by uuid references people
);

-- A token acts as a person of its own.
create table tokens (
	person uuid primary key references people,
	digest bytea not null unique, -- SHA-256 of the token
	made_by uuid not null references people
);
