INSERT INTO messages (session_id, role, content, timestamp) VALUES (:id, 'user', :text, 1794395471.0)
