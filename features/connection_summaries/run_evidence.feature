Feature: Run evidence of connections

  What an owner is told of the last run is told of their connection's own runs:
  of those that carry its profile key, else of those that name it.

  Rule: Run evidence is scoped to connections (CS-01)

    @CS-01.1 @host @claim.stage @claim.browser_surface
    Scenario: sibling browser connections do not share one run (host)
      Given the time stands still, and there are the connections
        | connection | key   |
        | left       | left  |
        | right      | right |
      And the finished runs
        | called | of    | key   | status    |
        | one    |       | left  | completed |
        | two    | right | right | completed |
        | three  |       | right | failed    |
      When the owner reads all connections, and each of them alone
      # T1
      Then the last run of "left" is "one"
      # T1
      And the last run of "right" is "three"
      # T2
      And the last successful run of "left" is "one"
      # T2
      And the last successful run of "right" is "two"

    @CS-01.2 @host @claim.stage @claim.browser_surface
    Scenario: browser-surface failure reason is visible (host)
      Given the time stands still, and there are the connections
        | connection | key    |
        | left       | left   |
        | right      | right  |
        | silent     | silent |
        | queued     | queued |
      And the finished runs
        | called | of     | key    | status         | surface            | reason        |
        | older  | left   | left   | surface_failed | failed: captcha    |               |
        | walled | left   | left   | surface_failed | failed: login_wall |               |
        | timed  | right  | right  | surface_failed | failed: login_wall | run_timed_out |
        | before | silent | silent | surface_failed | failed: captcha    |               |
        | mute   | silent | silent | surface_failed |                    |               |
        | queue  | queued | queued | surface_failed | waiting: no_slot   |               |
      When the owner reads all connections, and each of them alone
      # T1
      Then the last run of "left" failed for "login_wall"
      # T1
      And the last run of "right" failed for "run_timed_out"
      # T1
      And the last run of "queued" failed for "no_slot"
      # T1
      And the last run of "silent" failed for "nothing that was told"

    @CS-01/nobodys @body @host @claim.stage @claim.browser_surface
    Scenario: A run without a key is its namesake's or nobody's
      Given the time stands still, and there are the connections
        | connection | key   |
        | named      |       |
        | keyed      | keyed |
        | third      |       |
      And the finished runs
        | called   | of    | key      | status    |
        | by name  | named |          | completed |
        | nameless |       |          | failed    |
        | at odds  | third | keyed    | failed    |
        | stray    |       | unheard  | failed    |
      When the owner reads all connections, and each of them alone
      # T1
      Then the last run of "named" is "by name"
      # T2
      And the last run of "keyed" is "nobody's"
      # T2
      And the last run of "third" is "nobody's"
