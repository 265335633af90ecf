public import JSONText
public import SessionModel

/// A point in time with its zone's offset.
public typealias Timestamp = SessionModel.Timestamp

/// JSON kept byte for byte.
public typealias RawJSON = JSONText.RawJSON
