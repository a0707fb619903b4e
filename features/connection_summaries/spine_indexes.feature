Feature: Spine indexes

  The runs of one source are grouped for its summary. A spine is long, so that
  has to go through an index, which no operator was asked to make.

  Rule: Spine indexes are provisioned (CS-05)

    @CS-05.1 @storage @claim.sql_schema @claim.postgres
    Scenario: Source-scoped run grouping has a bootstrap index (storage)
      Given a spine of 50000 events, in runs of 100 sources
      When the host starts on it as new, as one of an older revision, and as one that lost its indexes
      # T1
      Then each time an index leads from source kind and id to run and time
      # T2
      And each time the runs of a source are grouped through it
      # control
      And it was not there before the later starts

    @CS-05/any-sql @body @storage @claim.sql_schema
    Scenario: Source-scoped run grouping has an index on every SQL storage
      Given a spine of 5000 events, in runs of 100 sources
      When the host starts on it as new, as one of an older revision, and as one that lost its indexes
      # T1
      Then each time an index leads from source kind and id to run and time
      # T2
      And each time the runs of a source are grouped through it
      # control
      And it was not there before the later starts
