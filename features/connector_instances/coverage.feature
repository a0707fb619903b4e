Feature: Coverage of acquisition paths

  A later look that misses a record proves nothing, unless it claimed to see
  all, was allowed to, and did. Then it speaks for what it alone had seen.

  Rule: Writes of several paths are explicit and take nothing away (CI-02)

    @CI-02.1 @host @claim.stage @claim.imports
    Scenario: Daily current-data path does not erase historical archive data (host)
      Given an identity rule by which both are one source
      When these acquisitions, one after the other
        | called  | into  | by              | brings                                         | how          |
        | history | first | archive         | a@2020-01-01T00:00:00Z, b@2024-07-01T00:00:00Z | full refresh |
        | today   | first | daily interface | c@2024-07-02T00:00:00Z                         |              |
        | next    | first | daily interface | d@2024-07-03T00:00:00Z                         |              |
      # T1
      Then every read face of "first" shows exactly "a, b, c, d"
      # T2
      And the claim of "history" stands as it was
      # control
      And "history, today, next" went into "first"

    @CI-02.2 @host @claim.stage @claim.imports
    Scenario: Full-refresh path has explicit coverage authority (host)
      Given an identity rule by which both are one source
      When these acquisitions, one after the other
        | called  | into   | by        | brings               | how          |
        | history | first  | archive   | a, b                 |              |
        | other   | second | interface | d, e                 |              |
        | current | first  | interface | c, d, e, e in drafts |              |
        | refresh | first  | interface | d                    | full refresh |
      # T1 T2
      Then every read face of "first" shows exactly "a, b, d, e in drafts, perhaps c, perhaps e"
      # T1
      And every read face of "second" shows exactly "d, e"
      # T1
      And the claim of "refresh" stands as it was

    @CI-02/fifty-later @body @host @claim.stage @claim.imports
    Scenario: After fifty later batches the archive's claim and receipt are readable
      Given an identity rule by which both are one source
      When these acquisitions, one after the other
        | called  | into  | by              | brings                 | how          | times |
        | history | first | archive         | a@2020-01-01T00:00:00Z | full refresh |       |
        | day     | first | daily interface | b@2024-07-02T00:00:00Z |              | 2     |
        | later   | first | daily interface | c                      | by the stage | 50    |
      # T1
      Then the claim of "history" stands as it was
      # T2
      And each acquisition has a batch of its own, with method, provenance and receipt

    @CI-02/window-edges @body @host
    Scenario: A refresh of a window takes away nothing outside it
      Given these acquisitions, one after the other
        | called | into  | by        | brings                                                                  |
        | edges  | first | interface | a@2024-02-01T00:00:00Z, b@2024-02-01T00:30:00+01:00                     |
        | more   | first | interface | c@2024-02-29T23:59:59.999Z, d@2024-03-01T00:00:00Z, e@2024-03-01T00:30:00+01:00 |
        | rest   | first | interface | f, g@2024-02-10T00:00:00Z                                               |
      When these acquisitions, one after the other
        | called  | into  | by        | brings                 | how                      |
        | refresh | first | interface | g@2024-02-10T00:00:00Z | full refresh of February |
      # T1
      Then every read face of "first" shows exactly "b, d, f, g, perhaps a, perhaps c, perhaps e"

    @CI-02/not-entitled @body @host
    Scenario: A refresh that is not whole takes nothing away
      When these acquisitions, one after the other
        | called    | into   | by        | brings  | how                                |
        | all       | first  | interface | a, b, c | without a cursor                   |
        | silent    | first  | interface | a       |                                    |
        | again     | first  | interface | a       |                                    |
        | skipping  | first  | interface | a       | full refresh leaving something out |
        | gaping    | first  | interface | a       | full refresh leaving a gap         |
        | failing   | first  | interface | a       | full refresh failing               |
        | counting  | first  | interface | a       | full refresh miscounting           |
        | ending    | first  | interface | a       | full refresh ending badly          |
        | cancelled | first  | interface | a       | full refresh cancelled             |
        | fields    | first  | interface | a       | full refresh of some fields        |
        | resources | first  | interface | a       | full refresh of some resources     |
      # T1
      Then every read face of "first" shows exactly "a, b, c"
      # control
      And "all, silent, again, skipping, fields, resources" went into "first"

    @CI-02/both-have-seen @advice @host @claim.stage @claim.imports
    Scenario: A record that two paths have seen outlives a refresh of one
      Given an identity rule by which both are one source and equal texts are one record
      When these acquisitions, one after the other
        | called  | into  | by        | brings       | how          |
        | history | first | archive   | a/same, b    |              |
        | current | first | interface | a/same, c    |              |
        | refresh | first | interface | d            | full refresh |
      # T1
      Then every read face of "first" shows exactly "a/same, b, d"

    @CI-02/crossing @advice @host @claim.stage @claim.imports
    Scenario: A rule may let a refresh reach what another path has seen
      Given an identity rule by which both are one source and a refresh of one reaches the other
      When these acquisitions, one after the other
        | called  | into  | by        | brings | how          |
        | history | first | archive   | a, b   |              |
        | current | first | interface | c      |              |
        | refresh | first | interface | c      | full refresh |
      # T1
      Then every read face of "first" shows exactly "c"
