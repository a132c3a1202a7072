-- Has what follows in the transaction planned for its values: a plan for any reader reads all cases for a client's, too.
SELECT set_config('plan_cache_mode', 'force_custom_plan', true)
