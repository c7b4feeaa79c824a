-- 0036
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE attempts (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	smart_transaction_id VARCHAR(80) NOT NULL, 
	payment_id VARCHAR(80) NOT NULL, 
	verb VARCHAR(80) NOT NULL, 
	method VARCHAR(80) NOT NULL, 
	amount BIGINT NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	captures BOOLEAN NOT NULL, 
	container_id VARCHAR(80), 
	ends VARCHAR(80), 
	return_urls JSON NOT NULL, 
	form_key VARCHAR(80), 
	result VARCHAR(80), 
	reason VARCHAR(80) NOT NULL, 
	is_open BOOLEAN NOT NULL, 
	updated DATETIME NOT NULL, 
	created DATETIME NOT NULL, shares_first BOOLEAN DEFAULT false NOT NULL, payer_is_away BOOLEAN DEFAULT false NOT NULL, is_shops BOOLEAN DEFAULT false NOT NULL, rail VARCHAR(80) DEFAULT '' NOT NULL, reference VARCHAR(255) DEFAULT '' NOT NULL, origin_id VARCHAR(80), page TEXT, details JSON, 
	UNIQUE (id)
);
CREATE TABLE clients (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	contract_id VARCHAR(80) NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	is_revoked BOOLEAN NOT NULL, 
	created DATETIME NOT NULL, 
	UNIQUE (id)
);
CREATE TABLE containers (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	contract_id VARCHAR(80) NOT NULL, 
	customer_id VARCHAR(80), 
	type VARCHAR(80) NOT NULL, 
	private JSON NOT NULL, 
	mandate JSON NOT NULL, 
	fingerprint VARCHAR(80), 
	used DATETIME, 
	archived DATETIME, 
	deleted DATETIME, 
	updated DATETIME, 
	created DATETIME NOT NULL, token JSON, notification_url VARCHAR(2000), 
	UNIQUE (id)
);
CREATE TABLE contracts (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	parent_id VARCHAR(80), 
	methods JSON NOT NULL, 
	payment_context JSON NOT NULL, 
	fees JSON NOT NULL, 
	has_mixed_baskets BOOLEAN NOT NULL, 
	bank_account JSON NOT NULL, 
	url_push VARCHAR(2000), 
	created DATETIME NOT NULL, ends_retired_methods BOOLEAN DEFAULT false NOT NULL, checkout JSON, wallets JSON, has_customer_mails BOOLEAN DEFAULT true NOT NULL, has_merchant_mails BOOLEAN DEFAULT true NOT NULL, payout_account JSON, state VARCHAR(80) DEFAULT 'active' NOT NULL, project VARCHAR(255), details JSON, asked_account JSON, third_parties JSON, updated DATETIME, has_recurring BOOLEAN DEFAULT false NOT NULL, push_delay_seconds INTEGER, refund_push VARCHAR(80) DEFAULT 'contract' NOT NULL, rails JSON, mark VARCHAR(80), creditor_id VARCHAR(80), terms_mark VARCHAR(80), 
	UNIQUE (id)
);
CREATE TABLE customers (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	contract_id VARCHAR(80) NOT NULL, 
	contact JSON NOT NULL, 
	updated DATETIME, 
	created DATETIME NOT NULL, 
	UNIQUE (id)
);
CREATE TABLE deliveries (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	event_id VARCHAR(80) NOT NULL, 
	status INTEGER, 
	duration_ms INTEGER NOT NULL, 
	answer TEXT NOT NULL, 
	created DATETIME NOT NULL, 
	UNIQUE (id)
);
CREATE TABLE events (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	target VARCHAR(80) NOT NULL, 
	object_id VARCHAR(80) NOT NULL, 
	type VARCHAR(80) NOT NULL, 
	url VARCHAR(2000) NOT NULL, 
	receiver VARCHAR(300) NOT NULL, 
	tries INTEGER NOT NULL, 
	due DATETIME NOT NULL, 
	leased_until DATETIME, 
	is_open BOOLEAN NOT NULL, 
	is_delivered BOOLEAN NOT NULL, 
	created DATETIME NOT NULL, resent DATETIME, line VARCHAR(80) DEFAULT '' NOT NULL, held_until DATETIME, 
	UNIQUE (id)
);
CREATE TABLE mandates (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	contract_id VARCHAR(80) NOT NULL, 
	type VARCHAR(80) NOT NULL, 
	data JSON NOT NULL, 
	created DATETIME NOT NULL, 
	UNIQUE (id)
);
CREATE TABLE moves (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	object_id VARCHAR(80) NOT NULL, 
	smart_transaction_id VARCHAR(80) NOT NULL, 
	"before" VARCHAR(80) NOT NULL, 
	"after" VARCHAR(80) NOT NULL, 
	why VARCHAR(255) NOT NULL, 
	"by" VARCHAR(80) NOT NULL, 
	created DATETIME NOT NULL, 
	UNIQUE (id)
);
CREATE TABLE payments (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	contract_id VARCHAR(80) NOT NULL, 
	smart_transaction_id VARCHAR(80) NOT NULL, 
	parent_id VARCHAR(80), 
	kind VARCHAR(80) NOT NULL, 
	method VARCHAR(80) NOT NULL, 
	state VARCHAR(80) NOT NULL, 
	amount BIGINT NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	refunded BIGINT NOT NULL, 
	hash_word VARCHAR(80) NOT NULL, 
	container_id VARCHAR(80), 
	is_demo BOOLEAN NOT NULL, 
	is_abandoned BOOLEAN NOT NULL, 
	is_reduced BOOLEAN NOT NULL, 
	reason VARCHAR(80) NOT NULL, 
	shipping JSON NOT NULL, 
	completed DATETIME, 
	updated DATETIME NOT NULL, 
	created DATETIME NOT NULL, is_held BOOLEAN DEFAULT false NOT NULL, instalments JSON, reference_id TEXT, refund_id VARCHAR(80), is_split BOOLEAN DEFAULT false NOT NULL, fee_rate JSON, given_hash VARCHAR(80), 
	CONSTRAINT ck_payments_only_refunds_are_negative CHECK ((kind = 'refund') = (amount < 0)), 
	CONSTRAINT ck_payments_refunded_is_not_above_paid CHECK (kind = 'refund' OR refunded <= amount), 
	CONSTRAINT ck_payments_refunded_is_not_negative CHECK (refunded >= 0), 
	UNIQUE (id)
);
CREATE TABLE postings (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	contract_id VARCHAR(80) NOT NULL, 
	payment_id VARCHAR(80) NOT NULL, 
	smart_transaction_id VARCHAR(80) NOT NULL, 
	entry_id VARCHAR(80) NOT NULL, 
	account VARCHAR(80) NOT NULL, 
	amount BIGINT NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	why VARCHAR(255) NOT NULL, 
	created DATETIME NOT NULL, payout_id VARCHAR(80), 
	UNIQUE (id)
);
CREATE TABLE secrets (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	client_id VARCHAR(80) NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	created DATETIME NOT NULL, ends DATETIME, 
	UNIQUE (id)
);
CREATE TABLE smart_transactions (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	contract_id VARCHAR(80) NOT NULL, 
	status VARCHAR(80) NOT NULL, 
	intent VARCHAR(80) NOT NULL, 
	amount BIGINT NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	is_demo BOOLEAN NOT NULL, 
	language VARCHAR(2) NOT NULL, 
	customer_id VARCHAR(80), 
	payment_id VARCHAR(80), 
	method VARCHAR(80), 
	transaction_ref TEXT, 
	merchant_ref TEXT, 
	data JSON NOT NULL, 
	updated DATETIME, 
	created DATETIME NOT NULL, origin VARCHAR(80), subscription_id VARCHAR(80), cycle INTEGER, has_own_language BOOLEAN DEFAULT true NOT NULL, 
	CONSTRAINT ck_smart_transactions_amount_is_not_negative CHECK (amount >= 0), 
	UNIQUE (id)
);
CREATE TABLE templates (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	title VARCHAR(255) NOT NULL, 
	created DATETIME NOT NULL, 
	UNIQUE (id)
);
CREATE TABLE tokens (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	client_id VARCHAR(80) NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	contract_id VARCHAR(80) NOT NULL, 
	expires DATETIME NOT NULL, 
	created DATETIME NOT NULL, session_id VARCHAR(80), secret_id VARCHAR(80), 
	UNIQUE (id)
);
CREATE TABLE appointments (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	smart_transaction_id VARCHAR(80) NOT NULL, 
	payment_id VARCHAR(80) NOT NULL, 
	attempt_id VARCHAR(80), 
	what VARCHAR(80) NOT NULL, 
	reason VARCHAR(80) NOT NULL, 
	due DATETIME NOT NULL, 
	is_open BOOLEAN NOT NULL, 
	created DATETIME NOT NULL, object_id VARCHAR(80), 
	UNIQUE (id)
);
CREATE TABLE checks (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	differences INTEGER NOT NULL, 
	updated DATETIME NOT NULL, 
	created DATETIME NOT NULL, 
	UNIQUE (id)
);
CREATE TABLE clocks (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	by_ms BIGINT NOT NULL, 
	created DATETIME NOT NULL, 
	UNIQUE (id)
);
CREATE TABLE outcomes (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	method VARCHAR(80), 
	verb VARCHAR(80) NOT NULL, 
	is_open BOOLEAN NOT NULL, 
	created DATETIME NOT NULL, outcome VARCHAR(80), after_seconds INTEGER, 
	UNIQUE (id)
);
CREATE TABLE claims (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	request VARCHAR(80) NOT NULL, 
	made JSON NOT NULL, 
	answer TEXT, 
	updated DATETIME NOT NULL, 
	created DATETIME NOT NULL, 
	UNIQUE (id)
);
CREATE TABLE "keys" (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	value TEXT NOT NULL, 
	created DATETIME NOT NULL, 
	UNIQUE (id)
);
CREATE TABLE audit (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	object_id VARCHAR(80) NOT NULL, 
	noun VARCHAR(80) NOT NULL, 
	verb VARCHAR(80) NOT NULL, 
	"by" VARCHAR(80) NOT NULL, 
	address VARCHAR(80) NOT NULL, 
	created DATETIME NOT NULL, mark VARCHAR(80), 
	UNIQUE (id)
);
CREATE TABLE "merchants" (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	companyname VARCHAR(255) NOT NULL, 
	created DATETIME NOT NULL, 
	email TEXT, contact JSON, public_data JSON, updated DATETIME, 
	UNIQUE (id)
);
CREATE TABLE "receipts" (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	amount BIGINT NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	purpose TEXT NOT NULL, 
	iban TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	created DATETIME NOT NULL, 
	contract_id VARCHAR(80) DEFAULT ('') NOT NULL, mark VARCHAR(80), 
	UNIQUE (id)
);
CREATE TABLE "mails" (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	smart_transaction_id VARCHAR(80) NOT NULL, 
	payment_id VARCHAR(80) NOT NULL, 
	kind VARCHAR(80) NOT NULL, 
	recipient TEXT NOT NULL, 
	language VARCHAR(2) NOT NULL, 
	subject TEXT NOT NULL, 
	text TEXT NOT NULL, 
	html TEXT NOT NULL, 
	tries INTEGER NOT NULL, 
	due DATETIME NOT NULL, 
	leased_until DATETIME, 
	answer TEXT NOT NULL, 
	is_open BOOLEAN NOT NULL, 
	is_sent BOOLEAN NOT NULL, 
	created DATETIME NOT NULL, 
	resent DATETIME, 
	UNIQUE (id)
);
CREATE TABLE users (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	contract_id VARCHAR(80) NOT NULL, 
	password VARCHAR(255) NOT NULL, 
	created DATETIME NOT NULL, 
	UNIQUE (id)
);
CREATE TABLE sessions (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	client_id VARCHAR(80) NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	contract_id VARCHAR(80) NOT NULL, 
	username VARCHAR(80) NOT NULL, 
	device VARCHAR(255) NOT NULL, 
	device_name VARCHAR(255) NOT NULL, 
	device_code VARCHAR(80), 
	user_code VARCHAR(80), 
	refresh VARCHAR(80), 
	is_open BOOLEAN NOT NULL, 
	expires DATETIME NOT NULL, 
	created DATETIME NOT NULL, secret_id VARCHAR(80), 
	UNIQUE (id)
);
CREATE TABLE payouts (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	created DATETIME NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	contract_id VARCHAR(80) NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	amount BIGINT NOT NULL, 
	number INTEGER NOT NULL, 
	volume BIGINT NOT NULL, 
	refunds BIGINT NOT NULL, 
	shares BIGINT NOT NULL, 
	claims BIGINT NOT NULL, 
	fees BIGINT NOT NULL, 
	misc BIGINT NOT NULL, 
	CONSTRAINT ck_payouts_amount_is_above_0 CHECK (amount > 0), 
	CONSTRAINT ck_payouts_amount_is_what_is_left CHECK (amount = volume - refunds - shares - claims - fees - misc), 
	UNIQUE (id)
);
CREATE TABLE invoices (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	created DATETIME NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	contract_id VARCHAR(80) NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	amount BIGINT NOT NULL, 
	payout_id VARCHAR(80) NOT NULL, 
	tax BIGINT NOT NULL, 
	tax_percent INTEGER NOT NULL, 
	UNIQUE (id)
);
CREATE TABLE remittances (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	created DATETIME NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	contract_id VARCHAR(80) NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	amount BIGINT NOT NULL, 
	about_id VARCHAR(80) NOT NULL, 
	account JSON NOT NULL, 
	purpose TEXT NOT NULL, 
	batch_id VARCHAR(80), 
	is_open BOOLEAN NOT NULL, 
	paid DATETIME, batched DATETIME, account_mark VARCHAR(80), salt TEXT, mark VARCHAR(80), 
	CONSTRAINT ck_remittances_amount_is_above_0 CHECK (amount > 0), 
	UNIQUE (id)
);
CREATE TABLE stores (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	created DATETIME NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	contract_id VARCHAR(80) NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	data JSON NOT NULL, 
	is_default BOOLEAN NOT NULL, 
	updated DATETIME, 
	UNIQUE (id)
);
CREATE TABLE legal_texts (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	created DATETIME NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	content_type VARCHAR(80) NOT NULL, 
	content TEXT NOT NULL, 
	UNIQUE (id)
);
CREATE TABLE uploads (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	created DATETIME NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	contract_id VARCHAR(80) NOT NULL, 
	name TEXT NOT NULL, 
	type VARCHAR(80) NOT NULL, 
	size BIGINT NOT NULL, 
	UNIQUE (id)
);
CREATE TABLE pieces (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	created DATETIME NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	upload_id VARCHAR(80) NOT NULL, 
	content TEXT NOT NULL, 
	UNIQUE (id)
);
CREATE TABLE documents (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	created DATETIME NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	object_id VARCHAR(80) NOT NULL, 
	upload_id VARCHAR(80) NOT NULL, 
	purpose VARCHAR(80) NOT NULL, 
	UNIQUE (id)
);
CREATE TABLE ident_requests (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	created DATETIME NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	contract_id VARCHAR(80) NOT NULL, 
	case_id VARCHAR(80) NOT NULL, 
	case_status VARCHAR(80) NOT NULL, 
	provider VARCHAR(80) NOT NULL, 
	type VARCHAR(80) NOT NULL, 
	status VARCHAR(80) NOT NULL, 
	is_demo BOOLEAN NOT NULL, 
	owner_transaction_id TEXT, 
	redirect_urls JSON NOT NULL, 
	persons JSON NOT NULL, 
	updated DATETIME NOT NULL, 
	UNIQUE (id)
);
CREATE TABLE ident_results (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	created DATETIME NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	contract_id VARCHAR(80) NOT NULL, 
	request_id VARCHAR(80) NOT NULL, 
	status VARCHAR(80) NOT NULL, 
	is_demo BOOLEAN NOT NULL, 
	UNIQUE (id)
);
CREATE TABLE service_issues (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	created DATETIME NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	contract_id VARCHAR(80) NOT NULL, 
	object_id VARCHAR(80) NOT NULL, 
	UNIQUE (id)
);
CREATE TABLE plans (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	contract_id VARCHAR(80) NOT NULL, 
	status VARCHAR(80) NOT NULL, 
	description VARCHAR(255) NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	data JSON NOT NULL, 
	updated DATETIME, 
	created DATETIME NOT NULL, 
	UNIQUE (id)
);
CREATE TABLE subscriptions (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	contract_id VARCHAR(80) NOT NULL, 
	smart_transaction_id VARCHAR(80) NOT NULL, 
	plan_id VARCHAR(80) NOT NULL, 
	customer_id VARCHAR(80), 
	container_id VARCHAR(80) NOT NULL, 
	method VARCHAR(80) NOT NULL, 
	status VARCHAR(80) NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	phases JSON NOT NULL, 
	start_at DATETIME NOT NULL, 
	completed INTEGER NOT NULL, 
	tries INTEGER NOT NULL, 
	skipped_months INTEGER NOT NULL, 
	skipped_days INTEGER NOT NULL, 
	next_billing DATETIME, 
	reason VARCHAR(255) NOT NULL, 
	is_demo BOOLEAN NOT NULL, 
	updated DATETIME, 
	created DATETIME NOT NULL, 
	UNIQUE (id)
);
CREATE TABLE tallies (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	contract_id VARCHAR(80) NOT NULL, 
	noun VARCHAR(80) NOT NULL, 
	number BIGINT NOT NULL, 
	created DATETIME NOT NULL, 
	UNIQUE (id)
);
CREATE TABLE folds (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	folded BIGINT NOT NULL, 
	seen BIGINT NOT NULL, 
	barrier BIGINT, 
	looked DATETIME NOT NULL, 
	created DATETIME NOT NULL, 
	UNIQUE (id)
);
CREATE TABLE links (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	created DATETIME NOT NULL, 
	number BIGINT NOT NULL, 
	noun VARCHAR(80) NOT NULL, 
	"after" BIGINT NOT NULL, 
	upto BIGINT NOT NULL, 
	marks TEXT NOT NULL, 
	digest VARCHAR(80) NOT NULL, 
	UNIQUE (id)
);
CREATE TABLE "allocations" (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	receipt_id VARCHAR(80) NOT NULL, 
	payment_id VARCHAR(80) NOT NULL, 
	smart_transaction_id VARCHAR(80) NOT NULL, 
	amount BIGINT NOT NULL, 
	created DATETIME NOT NULL, 
	CONSTRAINT ck_allocations_amount_is_not_0 CHECK (amount <> 0), 
	UNIQUE (id)
);
CREATE TABLE returns (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	created DATETIME NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	contract_id VARCHAR(80) NOT NULL, 
	receipt_id VARCHAR(80) NOT NULL, 
	payment_id VARCHAR(80) NOT NULL, 
	smart_transaction_id VARCHAR(80) NOT NULL, 
	amount BIGINT NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	CONSTRAINT ck_returns_amount_is_above_0 CHECK (amount > 0), 
	UNIQUE (id)
);
CREATE TABLE reports (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	created DATETIME NOT NULL, 
	merchant_id VARCHAR(80) NOT NULL, 
	smart_transaction_id VARCHAR(80) NOT NULL, 
	payment_id VARCHAR(80) NOT NULL, 
	attempt_id VARCHAR(80) NOT NULL, 
	rail VARCHAR(80) NOT NULL, 
	word VARCHAR(255) NOT NULL, 
	what VARCHAR(80) NOT NULL, 
	reason VARCHAR(255) NOT NULL, 
	happened DATETIME NOT NULL, 
	is_open BOOLEAN NOT NULL, 
	UNIQUE (id)
);
CREATE TABLE scenarios (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	created DATETIME NOT NULL, 
	outcome VARCHAR(80), 
	after_seconds INTEGER, 
	choice VARCHAR(80), 
	months INTEGER, 
	UNIQUE (id)
);
CREATE TABLE versions (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(80) NOT NULL, 
	created DATETIME NOT NULL, 
	value VARCHAR(80) NOT NULL, 
	UNIQUE (id)
);
CREATE INDEX ix_allocations_payment_id ON allocations (payment_id);
CREATE INDEX ix_allocations_receipt_id ON allocations (receipt_id);
CREATE INDEX ix_allocations_smart_transaction_id ON allocations (smart_transaction_id);
CREATE INDEX ix_appointments_object_id ON appointments (object_id);
CREATE INDEX ix_appointments_open ON appointments (due) WHERE is_open = 1;
CREATE INDEX ix_appointments_smart_transaction_id_seq ON appointments (smart_transaction_id, seq);
CREATE INDEX ix_attempts_open ON attempts (updated) WHERE is_open = 1;
CREATE INDEX ix_attempts_payment_id ON attempts (payment_id);
CREATE INDEX ix_attempts_reference ON attempts (reference) WHERE reference <> '';
CREATE INDEX ix_audit_object_id_seq ON audit (object_id, seq);
CREATE INDEX ix_claims_updated ON claims (updated);
CREATE INDEX ix_clients_merchant_id ON clients (merchant_id);
CREATE INDEX ix_containers_merchant_id_seq ON containers (merchant_id, seq);
CREATE INDEX ix_contracts_merchant_id ON contracts (merchant_id);
CREATE INDEX ix_contracts_parent_id ON contracts (parent_id);
CREATE INDEX ix_customers_merchant_id_seq ON customers (merchant_id, seq);
CREATE INDEX ix_deliveries_event_id_seq ON deliveries (event_id, seq);
CREATE INDEX ix_documents_object_id_seq ON documents (object_id, seq);
CREATE INDEX ix_documents_upload_id ON documents (upload_id);
CREATE INDEX ix_events_given_up ON events (seq) WHERE NOT is_open AND NOT is_delivered;
CREATE INDEX ix_events_line_open ON events (line, seq) WHERE is_open = 1;
CREATE INDEX ix_events_object ON events (object_id, seq);
CREATE INDEX ix_events_open ON events (due) WHERE is_open = 1;
CREATE INDEX ix_ident_requests_merchant_id_seq ON ident_requests (merchant_id, seq);
CREATE INDEX ix_ident_results_merchant_id_seq ON ident_results (merchant_id, seq);
CREATE INDEX ix_invoices_merchant_id_seq ON invoices (merchant_id, seq);
CREATE INDEX ix_legal_texts_merchant_id ON legal_texts (merchant_id);
CREATE INDEX ix_links_created ON links (created);
CREATE INDEX ix_links_noun_number ON links (noun, number);
CREATE INDEX ix_mails_given_up ON mails (seq) WHERE NOT is_open AND NOT is_sent AND answer <> '';
CREATE INDEX ix_mails_merchant_id_seq ON mails (merchant_id, seq);
CREATE INDEX ix_mails_open ON mails (due) WHERE is_open = 1;
CREATE INDEX ix_mails_smart_transaction_id_seq ON mails (smart_transaction_id, seq);
CREATE INDEX ix_mandates_merchant_id_seq ON mandates (merchant_id, seq);
CREATE INDEX ix_moves_object_id_seq ON moves (object_id, seq);
CREATE INDEX ix_moves_smart_transaction_id_seq ON moves (smart_transaction_id, seq);
CREATE INDEX ix_outcomes_open ON outcomes (merchant_id, seq) WHERE is_open = 1;
CREATE INDEX ix_payments_contract_id_seq ON payments (contract_id, seq);
CREATE INDEX ix_payments_merchant_id_created ON payments (merchant_id, created);
CREATE INDEX ix_payments_merchant_id_seq ON payments (merchant_id, seq);
CREATE INDEX ix_payments_parent_id ON payments (parent_id);
CREATE INDEX ix_payments_smart_transaction_id ON payments (smart_transaction_id);
CREATE INDEX ix_payments_under_way ON payments (state) WHERE state IN ('authorised', 'pending', 'ordered', 'issue');
CREATE INDEX ix_payouts_merchant_id_seq ON payouts (merchant_id, seq);
CREATE INDEX ix_pieces_upload_id_seq ON pieces (upload_id, seq);
CREATE INDEX ix_plans_merchant_id_seq ON plans (merchant_id, seq);
CREATE INDEX ix_postings_contract_id_account_currency ON postings (contract_id, account, currency);
CREATE INDEX ix_postings_payment_id ON postings (payment_id);
CREATE INDEX ix_postings_payout_id ON postings (payout_id);
CREATE INDEX ix_postings_smart_transaction_id_seq ON postings (smart_transaction_id, seq);
CREATE INDEX ix_postings_unsettled ON postings (contract_id, currency) WHERE payout_id IS NULL AND account IN ('merchant_payable', 'stakeholder_share');
CREATE INDEX ix_receipts_merchant_id_seq ON receipts (merchant_id, seq);
CREATE INDEX ix_remittances_batch_id ON remittances (batch_id);
CREATE INDEX ix_remittances_open ON remittances (seq) WHERE is_open = 1;
CREATE INDEX ix_returns_receipt_id ON returns (receipt_id);
CREATE INDEX ix_returns_smart_transaction_id ON returns (smart_transaction_id);
CREATE INDEX ix_secrets_client_id ON secrets (client_id);
CREATE INDEX ix_sessions_client_id ON sessions (client_id);
CREATE INDEX ix_sessions_expires ON sessions (expires);
CREATE INDEX ix_smart_transactions_contract_id_seq ON smart_transactions (contract_id, seq);
CREATE INDEX ix_smart_transactions_customer_id_seq ON smart_transactions (customer_id, seq);
CREATE INDEX ix_smart_transactions_listed ON smart_transactions (merchant_id, seq) WHERE origin IS NULL;
CREATE INDEX ix_smart_transactions_merchant_id_created ON smart_transactions (merchant_id, created);
CREATE INDEX ix_stores_merchant_id_seq ON stores (merchant_id, seq);
CREATE INDEX ix_subscriptions_customer_id ON subscriptions (customer_id);
CREATE INDEX ix_subscriptions_merchant_id_seq ON subscriptions (merchant_id, seq);
CREATE INDEX ix_tallies_contract_id ON tallies (contract_id);
CREATE INDEX ix_tokens_client_id ON tokens (client_id);
CREATE INDEX ix_tokens_expires ON tokens (expires);
CREATE INDEX ix_uploads_merchant_id_seq ON uploads (merchant_id, seq);
CREATE UNIQUE INDEX ux_attempts_form_key ON attempts (smart_transaction_id, form_key);
CREATE UNIQUE INDEX ux_containers_fingerprint ON containers (merchant_id, fingerprint);
CREATE UNIQUE INDEX ux_contracts_project ON contracts (parent_id, project);
CREATE UNIQUE INDEX ux_ident_requests_case ON ident_requests (case_id);
CREATE UNIQUE INDEX ux_ident_results_request ON ident_results (request_id);
CREATE UNIQUE INDEX ux_invoices_payout ON invoices (payout_id);
CREATE UNIQUE INDEX ux_links_number ON links (number);
CREATE UNIQUE INDEX ux_mails_kind ON mails (payment_id, kind);
CREATE UNIQUE INDEX ux_payments_given_hash ON payments (given_hash) WHERE given_hash IS NOT NULL;
CREATE UNIQUE INDEX ux_payouts_number ON payouts (contract_id, currency, number);
CREATE UNIQUE INDEX ux_remittances_about ON remittances (about_id);
CREATE UNIQUE INDEX ux_reports_word ON reports (payment_id, rail, word);
CREATE UNIQUE INDEX ux_sessions_device ON sessions (client_id, merchant_id, username, device) WHERE is_open = 1;
CREATE UNIQUE INDEX ux_sessions_device_code ON sessions (device_code);
CREATE UNIQUE INDEX ux_sessions_refresh ON sessions (refresh);
CREATE UNIQUE INDEX ux_sessions_user_code ON sessions (user_code);
CREATE UNIQUE INDEX ux_smart_transactions_cycle ON smart_transactions (subscription_id, cycle);
CREATE UNIQUE INDEX ux_subscriptions_order ON subscriptions (smart_transaction_id);
CREATE UNIQUE INDEX ux_tallies_owner ON tallies (merchant_id, contract_id, noun);
CREATE UNIQUE INDEX ux_tokens_session ON tokens (session_id);
CREATE TRIGGER allocations_no_delete BEFORE DELETE ON allocations FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'allocations is append-only'); END;
CREATE TRIGGER allocations_no_insert BEFORE INSERT ON allocations FOR EACH ROW WHEN EXISTS (SELECT 1 FROM allocations WHERE id = NEW.id OR seq = NEW.seq) BEGIN SELECT RAISE(ABORT, 'allocations is append-only'); END;
CREATE TRIGGER allocations_no_update BEFORE UPDATE ON allocations FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'allocations is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE TRIGGER audit_no_insert BEFORE INSERT ON audit FOR EACH ROW WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id OR seq = NEW.seq) BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit FOR EACH ROW WHEN (NOT (NEW."seq" IS OLD."seq" AND NEW."id" IS OLD."id" AND NEW."created" IS OLD."created" AND NEW."merchant_id" IS OLD."merchant_id" AND NEW."object_id" IS OLD."object_id" AND NEW."noun" IS OLD."noun" AND NEW."verb" IS OLD."verb" AND NEW."by" IS OLD."by" AND NEW."address" IS OLD."address")) BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE TRIGGER clocks_raise_on_delete AFTER DELETE ON clocks BEGIN UPDATE versions SET value = lower(hex(randomblob(16))) WHERE id = 'reference'; END;
CREATE TRIGGER clocks_raise_on_insert AFTER INSERT ON clocks BEGIN UPDATE versions SET value = lower(hex(randomblob(16))) WHERE id = 'reference'; END;
CREATE TRIGGER clocks_raise_on_update AFTER UPDATE ON clocks BEGIN UPDATE versions SET value = lower(hex(randomblob(16))) WHERE id = 'reference'; END;
CREATE TRIGGER contracts_raise_on_delete AFTER DELETE ON contracts BEGIN UPDATE versions SET value = lower(hex(randomblob(16))) WHERE id = 'reference'; END;
CREATE TRIGGER contracts_raise_on_insert AFTER INSERT ON contracts BEGIN UPDATE versions SET value = lower(hex(randomblob(16))) WHERE id = 'reference'; END;
CREATE TRIGGER contracts_raise_on_update AFTER UPDATE ON contracts BEGIN UPDATE versions SET value = lower(hex(randomblob(16))) WHERE id = 'reference'; END;
CREATE TRIGGER customers_keep_tally AFTER UPDATE OF merchant_id, contract_id ON customers FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'a row of customers stays whose it is'); END;
CREATE TRIGGER customers_leave_tally AFTER DELETE ON customers FOR EACH ROW 
BEGIN
    UPDATE tallies SET number = number - 1
    WHERE merchant_id = OLD.merchant_id AND contract_id = OLD.contract_id AND noun = 'customers'
    AND OLD.seq <= (SELECT folded FROM folds WHERE id = 'customers');
END;
CREATE TRIGGER invoices_no_delete BEFORE DELETE ON invoices FOR EACH ROW  BEGIN SELECT RAISE(ABORT, 'invoices is append-only'); END;
CREATE TRIGGER invoices_no_insert BEFORE INSERT ON invoices FOR EACH ROW WHEN EXISTS (SELECT 1 FROM invoices WHERE id = NEW.id OR seq = NEW.seq) BEGIN SELECT RAISE(ABORT, 'invoices is append-only'); END;
CREATE TRIGGER invoices_no_update BEFORE UPDATE ON invoices FOR EACH ROW  BEGIN SELECT RAISE(ABORT, 'invoices is append-only'); END;
CREATE TRIGGER links_no_delete BEFORE DELETE ON links FOR EACH ROW  BEGIN SELECT RAISE(ABORT, 'links is append-only'); END;
CREATE TRIGGER links_no_insert BEFORE INSERT ON links FOR EACH ROW WHEN EXISTS (SELECT 1 FROM links WHERE id = NEW.id OR seq = NEW.seq) BEGIN SELECT RAISE(ABORT, 'links is append-only'); END;
CREATE TRIGGER links_no_update BEFORE UPDATE ON links FOR EACH ROW  BEGIN SELECT RAISE(ABORT, 'links is append-only'); END;
CREATE TRIGGER mandates_keep_tally AFTER UPDATE OF merchant_id, contract_id ON mandates FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'a row of mandates stays whose it is'); END;
CREATE TRIGGER mandates_leave_tally AFTER DELETE ON mandates FOR EACH ROW 
BEGIN
    UPDATE tallies SET number = number - 1
    WHERE merchant_id = OLD.merchant_id AND contract_id = OLD.contract_id AND noun = 'mandates'
    AND OLD.seq <= (SELECT folded FROM folds WHERE id = 'mandates');
END;
CREATE TRIGGER merchants_raise_on_delete AFTER DELETE ON merchants BEGIN UPDATE versions SET value = lower(hex(randomblob(16))) WHERE id = 'reference'; END;
CREATE TRIGGER merchants_raise_on_insert AFTER INSERT ON merchants BEGIN UPDATE versions SET value = lower(hex(randomblob(16))) WHERE id = 'reference'; END;
CREATE TRIGGER merchants_raise_on_update AFTER UPDATE ON merchants BEGIN UPDATE versions SET value = lower(hex(randomblob(16))) WHERE id = 'reference'; END;
CREATE TRIGGER moves_no_delete BEFORE DELETE ON moves BEGIN SELECT RAISE(ABORT, 'moves is append-only'); END;
CREATE TRIGGER moves_no_insert BEFORE INSERT ON moves FOR EACH ROW WHEN EXISTS (SELECT 1 FROM moves WHERE id = NEW.id OR seq = NEW.seq) BEGIN SELECT RAISE(ABORT, 'moves is append-only'); END;
CREATE TRIGGER moves_no_update BEFORE UPDATE ON moves BEGIN SELECT RAISE(ABORT, 'moves is append-only'); END;
CREATE TRIGGER payments_keep_tally AFTER UPDATE OF merchant_id, contract_id ON payments FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'a row of payments stays whose it is'); END;
CREATE TRIGGER payments_leave_tally AFTER DELETE ON payments FOR EACH ROW 
BEGIN
    UPDATE tallies SET number = number - 1
    WHERE merchant_id = OLD.merchant_id AND contract_id = OLD.contract_id AND noun = 'payments'
    AND OLD.seq <= (SELECT folded FROM folds WHERE id = 'payments');
END;
CREATE TRIGGER payouts_no_delete BEFORE DELETE ON payouts FOR EACH ROW  BEGIN SELECT RAISE(ABORT, 'payouts is append-only'); END;
CREATE TRIGGER payouts_no_insert BEFORE INSERT ON payouts FOR EACH ROW WHEN EXISTS (SELECT 1 FROM payouts WHERE id = NEW.id OR seq = NEW.seq) BEGIN SELECT RAISE(ABORT, 'payouts is append-only'); END;
CREATE TRIGGER payouts_no_update BEFORE UPDATE ON payouts FOR EACH ROW  BEGIN SELECT RAISE(ABORT, 'payouts is append-only'); END;
CREATE TRIGGER postings_no_delete BEFORE DELETE ON postings FOR EACH ROW  BEGIN SELECT RAISE(ABORT, 'postings is append-only'); END;
CREATE TRIGGER postings_no_insert BEFORE INSERT ON postings FOR EACH ROW WHEN EXISTS (SELECT 1 FROM postings WHERE id = NEW.id OR seq = NEW.seq) BEGIN SELECT RAISE(ABORT, 'postings is append-only'); END;
CREATE TRIGGER postings_no_update BEFORE UPDATE ON postings FOR EACH ROW WHEN (NOT (OLD.payout_id IS NULL AND NEW.payout_id IS NOT NULL AND NEW.seq IS OLD.seq AND NEW.id IS OLD.id AND NEW.created IS OLD.created AND NEW.merchant_id IS OLD.merchant_id AND NEW.contract_id IS OLD.contract_id AND NEW.payment_id IS OLD.payment_id AND NEW.smart_transaction_id IS OLD.smart_transaction_id AND NEW.entry_id IS OLD.entry_id AND NEW.account IS OLD.account AND NEW.amount IS OLD.amount AND NEW.currency IS OLD.currency AND NEW.why IS OLD.why)) BEGIN SELECT RAISE(ABORT, 'postings is append-only'); END;
CREATE TRIGGER remittances_no_delete BEFORE DELETE ON remittances FOR EACH ROW  BEGIN SELECT RAISE(ABORT, 'remittances is append-only'); END;
CREATE TRIGGER remittances_no_insert BEFORE INSERT ON remittances FOR EACH ROW WHEN EXISTS (SELECT 1 FROM remittances WHERE id = NEW.id OR seq = NEW.seq) BEGIN SELECT RAISE(ABORT, 'remittances is append-only'); END;
CREATE TRIGGER remittances_no_update BEFORE UPDATE ON remittances FOR EACH ROW WHEN (OLD.batch_id IS NOT NULL AND NEW.batch_id IS NOT OLD.batch_id) BEGIN SELECT RAISE(ABORT, 'remittances is append-only'); END;
CREATE TRIGGER returns_no_delete BEFORE DELETE ON returns FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'returns is append-only'); END;
CREATE TRIGGER returns_no_insert BEFORE INSERT ON returns FOR EACH ROW WHEN EXISTS (SELECT 1 FROM returns WHERE id = NEW.id OR seq = NEW.seq) BEGIN SELECT RAISE(ABORT, 'returns is append-only'); END;
CREATE TRIGGER returns_no_update BEFORE UPDATE ON returns FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'returns is append-only'); END;
CREATE TRIGGER smart_transactions_keep_tally AFTER UPDATE OF merchant_id, contract_id, origin ON smart_transactions FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'a row of smart_transactions stays whose it is'); END;
CREATE TRIGGER smart_transactions_leave_tally AFTER DELETE ON smart_transactions FOR EACH ROW WHEN (OLD.origin IS NULL) 
BEGIN
    UPDATE tallies SET number = number - 1
    WHERE merchant_id = OLD.merchant_id AND contract_id = OLD.contract_id AND noun = 'smart_transactions'
    AND OLD.seq <= (SELECT folded FROM folds WHERE id = 'smart_transactions');
END;
CREATE TRIGGER stores_raise_on_delete AFTER DELETE ON stores BEGIN UPDATE versions SET value = lower(hex(randomblob(16))) WHERE id = 'reference'; END;
CREATE TRIGGER stores_raise_on_insert AFTER INSERT ON stores BEGIN UPDATE versions SET value = lower(hex(randomblob(16))) WHERE id = 'reference'; END;
CREATE TRIGGER stores_raise_on_update AFTER UPDATE ON stores BEGIN UPDATE versions SET value = lower(hex(randomblob(16))) WHERE id = 'reference'; END;
CREATE TRIGGER templates_raise_on_delete AFTER DELETE ON templates BEGIN UPDATE versions SET value = lower(hex(randomblob(16))) WHERE id = 'reference'; END;
CREATE TRIGGER templates_raise_on_insert AFTER INSERT ON templates BEGIN UPDATE versions SET value = lower(hex(randomblob(16))) WHERE id = 'reference'; END;
CREATE TRIGGER templates_raise_on_update AFTER UPDATE ON templates BEGIN UPDATE versions SET value = lower(hex(randomblob(16))) WHERE id = 'reference'; END;
INSERT INTO versions (id, created, value) VALUES ('reference', CURRENT_TIMESTAMP, lower(hex(randomblob(16))));
INSERT INTO alembic_version (version_num) VALUES ('0036');
