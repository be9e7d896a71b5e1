#!/bin/sh
# Every request of the bulk APIs' guide, with curl, against a running Muster: each is shown with its answer, and the
# first unexpected answer ends the script with 1.
#
#   npm start                  # in another terminal
#   sh examples/guide.sh
#
# MUSTER_URL and MUSTER_TOKEN say where and who; without them .muster/dev.env is read, which the first start writes.
set -eu

# The longest wait for an answer, and the most looks at a task that is being processed.
answer_seconds=30
looks_max=100
newline='
'

main() {
	read_environment

	heading 'Create or update customer profiles'
	submit customer/profile/bulk '{
  "customers": [
    {
      "email": "jane.smith@acme.com",
      "displayName": "Jane Smith",
      "details": { "phone": "+1-555-0123" }
    },
    {
      "email": "john.doe@acme.com",
      "displayName": "John Doe",
      "details": { "phone": "+1-555-0124" }
    }
  ]
}'
	poll '"failures":[]'

	heading 'Update customer details'
	submit customer/details/bulk '{
  "customers": [
    {
      "email": "jane.smith@acme.com",
      "details": [
        { "fieldId": "support-tier", "operation": "UPDATE", "value": "Premium" }
      ]
    }
  ]
}'
	poll '"failures":[]'

	heading 'Create or update organization profiles'
	submit organization/profile/bulk '{
  "organizations": [
    {
      "name": "Acme Corporation",
      "details": { "industry": "Manufacturing" }
    }
  ]
}'
	poll '"failures":[]'

	heading 'Update organization details'
	submit organization/details/bulk '{
  "organizations": [
    {
      "name": "Acme Corporation",
      "details": [
        { "fieldId": "industry", "operation": "UPDATE", "value": "Retail" }
      ]
    }
  ]
}'
	poll '"failures":[]'

	heading 'Create or update customers, without details'
	submit customer/bulk '{
  "customers": [
    { "email": "jane.smith@acme.com", "displayName": "Jane Smith" }
  ]
}'
	poll '"failures":[]'

	heading 'Create or update organizations, without details'
	submit organization/bulk '{
  "organizations": [
    { "name": "Acme Corporation" }
  ]
}'
	poll '"failures":[]'

	heading 'A partial failure: the second item has no good email, the first takes effect'
	submit customer/profile/bulk '{
  "customers": [
    { "email": "jane.smith@acme.com", "displayName": "Jane Smith" },
    { "email": "invalid-email", "displayName": "Nobody" }
  ]
}'
	poll '"failures":[{"index":1,"message":"Invalid email format'

	printf '\nEverything was answered as expected.\n'
}

read_environment() {
	dev_env=$(dirname "$0")/../.muster/dev.env
	if [ -z "${MUSTER_URL:-}" ] || [ -z "${MUSTER_TOKEN:-}" ]; then
		[ -r "$dev_env" ] || fail "MUSTER_URL and MUSTER_TOKEN are not set, and there is no $dev_env. Run: npm start"
		. "$dev_env"
	fi
}

heading() {
	printf '\n\n# %s\n' "$1"
}

# submit PATH BODY: sends a bulk request under a new key, and leaves the id of its task in $task.
submit() {
	printf '\nPOST /api/v1/%s\n%s\n' "$1" "$2"
	ask --request POST "$MUSTER_URL/api/v1/$1" \
		--header 'Content-Type: application/json' \
		--header "Idempotency-Key: $(new_key)" \
		--data "$2"
	[ "$status" = 202 ] || fail "202 was expected, not $status."
	task=$(printf '%s' "$answer" | sed -n 's/.*"taskId":"\([^"]*\)".*/\1/p')
	[ -n "$task" ] || fail 'The answer names no task.'
}

# poll TEXT: looks at $task until it has ended. It must be COMPLETED, and its answer must hold the text.
poll() {
	looks=0
	printf '\nGET /api/v1/tasks/%s\n' "$task"
	while :; do
		ask "$MUSTER_URL/api/v1/tasks/$task"
		[ "$status" = 200 ] || fail "200 was expected, not $status."
		case $answer in *'"status":"PROCESSING"'*) ;; *) break ;; esac
		looks=$((looks + 1))
		[ "$looks" -lt "$looks_max" ] || fail "The task is still being processed after $looks looks."
		# Not every sleep knows parts of a second.
		sleep 0.1 2>/dev/null || sleep 1
	done
	case $answer in
	*'"status":"COMPLETED"'*"$1"*) ;;
	*) fail "A COMPLETED task with $1 was expected." ;;
	esac
}

# ask ARGUMENTS...: asks with curl, prints the answer, and leaves it in $status and $answer.
ask() {
	answer=$(curl --silent --show-error --max-time "$answer_seconds" --write-out '\n%{http_code}' \
		--header "Authorization: Bearer $MUSTER_TOKEN" \
		--header 'X-ExperimentalApi: true' \
		"$@") || fail "There is no answer at $MUSTER_URL. Is Muster running?"
	status=${answer##*"$newline"}
	answer=${answer%"$newline"*}
	printf '%s %s\n' "$status" "$answer"
}

# Any text of up to 255 visible characters is a key; it must be another one for each request.
new_key() {
	od -An -N16 -tx1 /dev/urandom | tr -d ' \n'
}

fail() {
	printf '\nFAILED: %s\n' "$1" >&2
	exit 1
}

main
