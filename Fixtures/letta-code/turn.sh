# Adds the new message to the list of those in use, which an empty list does not need.
set -eu
message=$(printf '%s' "$2" | sed 's/.*"id":"\(ui-msg-[0-9]*\)".*/\1/')
file=$(dirname "$1")/conversation.json
sed -i "s/\(\"in_context_message_ids\": *\[\)\([^]]\)/\1\"$message\",\2/;s/\(\"in_context_message_ids\": *\[\)\$/\1\"$message\",/" "$file"
