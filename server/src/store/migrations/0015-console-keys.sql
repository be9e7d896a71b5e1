-- What opens the web console without showing a token again: sessions, by the key in a browser's cookie, and links that open
-- one once. Only hashes are kept. Each stands for a token and is worth what the token is worth, so revoking that ends it.
-- Not site-owned: looked up before the site is known.
create table muster.console_key (
  key_hash bytea primary key,
  token_id uuid not null references muster.access_token (token_id) on delete cascade,
  is_link boolean not null,
  expires_at timestamptz not null
);
create index console_key_by_expiry on muster.console_key (expires_at);
create index console_key_by_token on muster.console_key (token_id);
