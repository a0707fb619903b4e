Feature: Acquisition paths of one connection

  One source may be collected in several ways. What came in how is told of each
  batch, and a record of one way is no other way's record.

  Rule: Several acquisition paths under one connection (CI-01)

    @CI-01.1 @host @claim.stage @claim.imports
    Scenario: Historical and current acquisitions belong to one source (host)
      Given an identity rule by which both are one source
      When these acquisitions, one after the other
        | called  | into  | by        | brings   |
        | history | first | archive   | a/old, b |
        | current | first | interface | a/new, c |
      # T1
      Then "current" went into "first", where the host lets it
      # T2
      And each acquisition has a batch of its own, with method, provenance and receipt
      # T3
      And every read face of "first" shows exactly "all that went into it"
      # control
      And "history" went into "first"

    @CI-01.2 @host @claim.stage @claim.imports
    Scenario: Acquisition path targets a different account or device (host)
      Given an identity rule by which both are one source
      When these acquisitions, one after the other
        | called  | into  | by               | brings |
        | history | first | archive          | a, b   |
        | foreign | first | interface of bea | c      |
        | current | first | interface        | d      |
        | other   | first | interface of cy  | e      |
      # T1
      Then "foreign, other" was refused or went to a connection of its own
      # T1
      And every read face of "first" shows exactly "a, b, d"
      # control
      And "history, current" went into "first"

    @CI-01.3 @host @claim.imports
    Scenario: Owner adds another artifact to the same source (host)
      When these acquisitions, one after the other
        | called  | into  | by      | brings |
        | newer   | first | archive | b, c   |
        | older   | first | archive | a, b   |
      # T1
      Then "newer, older" went into "first"
      # T2
      And each acquisition has a batch of its own, with method, provenance and receipt
      # T1
      And every read face of "first" shows exactly "a, b, c"

    @CI-01/either-order @body @host @claim.stage @claim.imports
    Scenario: With a proof a second path needs no second connection, whichever came first
      Given an identity rule by which both are one source
      When these acquisitions, one after the other
        | called  | into  | by        | brings |
        | current | first | interface | a      |
        | history | first | archive   | b      |
      # T1 T2
      Then "current, history" went into "first"
      # T1
      And every read face of "first" shows exactly "a, b"

    @CI-01/one-record @body @host @claim.stage @claim.imports
    Scenario: A rule may say that records of two paths are one
      Given an identity rule by which both are one source and equal texts are one record
      When these acquisitions, one after the other
        | called  | into  | by        | brings       |
        | history | first | archive   | a/same, b    |
        | current | first | interface | a/same, c    |
      # T1
      Then every read face of "first" shows exactly "a/same, b, c"
      # T2
      And each acquisition has a batch of its own, with method, provenance and receipt

    @CI-01/same-bytes @advice @host @claim.imports
    Scenario: An artifact that was imported before is recognised
      When these acquisitions, one after the other
        | called | into   | by      | brings | times |
        | copy   | first  | archive | a, b   | 2     |
        | copy   | second | archive | a, b   |       |
      # T1
      Then the bytes of "copy 1" are recognised in "copy 2"
      # T1
      And every read face of "first" shows exactly "a, b"
      # T1
      And every read face of "second" shows exactly "a, b"

    @CI-01/failed-before @advice @host @claim.imports
    Scenario: An import that failed never stands in the way of its retry
      When these acquisitions, one after the other
        | called | into   | by      | brings | how     | times |
        | broken | first  | archive | a, b   | failing | 2     |
      # T1
      Then each acquisition has a batch of its own, with method, provenance and receipt
