-- Everybody who acts here: users who sign in, tokens that act as a person, and Muster itself.
create table people (
	id uuid primary key,
	kind text not null check (kind in ('user', 'token', 'system')),
	name text not null,
	email text unique,
	email_verified boolean not null default false,
	image text,
	access text not null check (access in ('viewer', 'responder', 'admin')),
	removed_at timestamptz,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now()
);
