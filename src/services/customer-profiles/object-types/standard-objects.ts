import type { StandardIdentifier } from "@aws-sdk/client-customer-profiles";

/** A field of a standard object, or a group of them. */
export type StandardField =
  | { readonly kind: "text" | "number" }
  | { readonly kind: "group" | "list"; readonly fields: StandardFields }
  /** Members have names of the caller's: each a text, or with `fields` a group. */
  | { readonly kind: "map"; readonly fields?: StandardFields };

export type StandardFields = ReadonlyMap<string, StandardField>;

/** What a mapping's targets can name beside a profile, and the profile itself. */
export interface StandardObject {
  /** As object types and event streams have it: `_order`. */
  readonly name: string;
  /** Says by which key such an object is found again. */
  readonly identifier: StandardIdentifier;
  /** The field that holds its id, which is ours to give. */
  readonly idField: string;
  /** Keys that it has beside those of mappings, each with the value of a field. The first is that of its id. */
  readonly indexKeys: readonly IndexKey[];
  readonly fields: StandardFields;
}

export interface IndexKey {
  /** `_assetId`, … */
  readonly name: string;
  readonly field: string;
}

/** Only a target: says when the source has changed the object last, and is not stored. */
export const SOURCE_TIMESTAMP = "SourceLastUpdatedTimestamp";

const ADDRESS = "Address1 Address2 Address3 Address4 City County State Province Country PostalCode";
const CONTACT = "KeyName KeyValue ProfileId ContactType";
const PAYMENT =
  "Type CreditCardToken CreditCardType CreditCardExpiration Cvv NameOnCreditCard RoutingNumber AccountNumber VoucherId DiscountCode DiscountPercent";
const PLACE = "Location Code Terminal Country Date Time EstimatedTime ScheduledTime";
const ITEM = "Id Title Category Value Currency Quantity# ImpressionType ImpressionId";
/** Groups that preferences for flights and for hotels have alike. */
const PREFERENCES = `
  Accessibility{Wheelchair Bathroom Assistance DisabilityType SupportAnimal ProximityToFacilities}
  Dining{MealType FavoriteCuisine Beverage DietaryRestriction AllergyInfo PreferenceLevel}
  MediaEntertainment{Name PreferenceLevel} PaymentForm{Name Type PreferenceLevel UsageContext}
  PetInfo{Type PreferenceLevel} SpecialRequest{Type Name PreferenceLevel}
  Marketing{ChannelType OptIn Frequency StartDate EndDate}
  Medical{Oxygen MedicalEquipment Assistance Stretcher WheelChair}
  ContactDetail{Type PreferenceLevel PhoneNumber Relationship EmailAddress EmailLanguage PhoneLanguage}
  ContactDetailAddress{Type ${ADDRESS}}`;

/**
 * `Name` is a text, `Name#` a number, `Name{…}` a group, `Name[]{…}` a list of groups, `Name*` a map of texts, `Name*{…}` one of groups. All have
 * `Attributes*` too. The id comes first. An index key is `name:field`. (Administrator Guide, "Standard profile definition", "Standard asset definition", and so on.)
 */
const DEFINITIONS: readonly (readonly [
  name: string,
  identifier: StandardIdentifier,
  indexKeys: string,
  fields: string,
])[] = [
  [
    "_profile",
    "PROFILE",
    "_profileId:ProfileId",
    `ProfileId AccountNumber AdditionalInformation PartyType PartyTypeString BusinessName FirstName MiddleName LastName BirthDate Gender
    GenderString PhoneNumber MobilePhoneNumber HomePhoneNumber BusinessPhoneNumber EmailAddress PersonalEmailAddress BusinessEmailAddress
    Address{${ADDRESS}} ShippingAddress{${ADDRESS}} MailingAddress{${ADDRESS}} BillingAddress{${ADDRESS}} ProfileType
    EngagementPreferences{Phone[]{${CONTACT}} Email[]{${CONTACT}}} ${SOURCE_TIMESTAMP}`,
  ],
  [
    "_asset",
    "ASSET",
    "_assetId:AssetId _assetName:AssetName _serialNumber:SerialNumber",
    `AssetId AssetName SerialNumber ModelNumber ModelName ProductSKU PurchaseDate UsageEndDate Status Price Quantity Description
    AdditionalInformation DataSource`,
  ],
  [
    "_case",
    "CASE",
    "_caseId:CaseId",
    "CaseId Title Summary Status Reason CreatedBy CreatedDate UpdatedDate ClosedDate AdditionalInformation DataSource",
  ],
  [
    "_order",
    "ORDER",
    "_orderId:OrderId",
    `OrderId CustomerEmail CustomerPhone CreatedDate UpdatedDate ProcessedDate ClosedDate CancelledDate CancelReason Name
    AdditionalInformation Gateway Status StatusCode StatusUrl CreditCardNumber CreditCardCompany FulfillmentStatus TotalPrice TotalTax
    TotalDiscounts TotalItemsPrice TotalShippingPrice TotalTipReceived Currency TotalWeight BillingAddress{Name ${ADDRESS}}
    ShippingAddress{Name ${ADDRESS}} OrderItems[]{Title Price Quantity}`,
  ],
  [
    "_communicationRecord",
    "COMMUNICATION_RECORD",
    "_communicationRecordId:CommunicationRecordId",
    `CommunicationRecordId Channel ConnectInstanceArn CreatedDate UpdatedDate LastEventType
    Campaign{CampaignId CampaignName CampaignRunId CampaignActivityId SegmentArn} Endpoint{EndpointAddress EndpointType}
    Events*{UpdatedDate EventId EventType Attributes*}`,
  ],
  [
    "_loyalty",
    "LOYALTY",
    "_loyaltyId:LoyaltyId _loyaltyMembershipId:MembershipId",
    `LoyaltyId ProgramId MembershipId ProgramName Group Channel CreatedDate EnrollmentDate CreatedBy UpdatedDate LastUpdatedBy UpgradeDate
    RenewalDate AdditionalInformation EmailAddress EmailAddressVerified PhoneNumber PhoneNumberVerified Status
    Tier{CurrentTier NextTier PointsToNextTier} Points{Unit Lifetime Balance Redeemed} PointExpirations[]{Points Date}
    Payment{Type CreditCardToken CreditCardType CreditCardExpiration Cvv NameOnCreditCard RoutingNumber AccountNumber VoucherId}
    PaymentInformation{Schedule LastPaymentDate NextPaymentDate NextBillAmount CurrencyCode CurrencyName CurrencySymbol}
    BillingAddress{${ADDRESS}}`,
  ],
  [
    "_loyaltyTransaction",
    "LOYALTY_TRANSACTION",
    "_loyaltyTransactionId:TransactionId",
    `TransactionId TransactionName TransactionType ProgramRef MembershipRef PromotionRef CreatedDate TransactionDate Industry Location
    CreatedBy UpdatedDate UpdatedBy Status AccrualType Category Channel ProductId Amount OriginValue OriginValueCurrency OriginValueOffset
    PointsEarned PointOffset QualifyingPointsEarned TierBefore TierAfter Brand Description AdditionalInformation PaymentMethod
    PointTransfer{TransferId SourceProgramId DestinationProgrmId SourceMembershipId DestinationMembershipId PointsTransferred
    PointsReceived}`,
  ],
  [
    "_loyaltyPromotion",
    "LOYALTY_PROMOTION",
    "_loyaltyPromotionId:PromotionId",
    `PromotionId PromotionName PromotionType ProgramType ProgramRef PartnerId PartnerNumber Tier StartDate EnrolledDate EndDate Amount Period
    Status CreatedDate CreatedBy UpdatedDate UpdatedBy CampaignRef AdditionalInformation TriggerLimit{Times Interval}
    Usage{UsageProgressPercent UsageCompleted UsageTarget} Rules{Name Description} Incentive{Type Value Unit}`,
  ],
  [
    "_airBooking",
    "AIR_BOOKING",
    "_airBookingId:BookingId _airPreferenceRef:PreferenceRef",
    `BookingId ContextId PreferenceRef BookingName PassengerIndex TravellerId GroupBooking NumberOfPassengers NumberOfAdults NumberOfChildren
    ProcessedDate CreatedDate CreatedBy UpdatedDate UpdatedBy Status PriorityStatus ReservationStatus MarketingCode MarketingName TravelAgent
    TravelAgency TravelCorpNumber Booker AdditionalInformation Email PhoneNumber CancelledDate Diplomat Child Disabled Oxygen PetOnly
    CancellationCharge Refundable Inventory{Seats} Loyalty{ProgramName MembershipId Tier}
    Channel{CreationChannelId LastUpdatedChannelId Method} Payment{${PAYMENT}} BillingAddress{${ADDRESS}}
    Price{TotalPrice BasePrice TravellerPrice DiscountAmount Currency} PaymentStatus{PaidAt AwaitingPayment RequiredBy}`,
  ],
  [
    "_airSegment",
    "AIR_SEGMENT",
    "_airSegmentId:SegmentId _airBookingRef:BookingRef",
    `SegmentId BookingRef SegmentName PassengerIndex SegmentIndex SeatSelection NumberOfPassengers NumberOfLegs Tier Origin OriginCountryCode
    Dest DestCountryCode ProcessedDate CreatedDate CreatedBy UpdatedDate UpdatedBy Status FlightNumber Carrier CarrierType IsInternational
    IsEticket IsArmed LapInfant Pet PrisonerOrGuard Child Married CheckinEligible InEligibleReason UnEscortedMinor PremiumAccess MissingData
    CurrentClassOfService BookedClassOfService CodeShare ReverseCodeShare MarketCarrierCode OpCarrierCode InConnection OutConnection
    MilesToEarn Duration DurationTimeUnit Distance DistanceUnit SellType GoShow Incapacitated Upgraded Downgraded BaggageInsurance
    MaxAllowedBaggage BaggageQuantity BaggageFee Arrival{${PLACE}} Departure{${PLACE}}
    Seat{SeatNumber SeatZone SeatType Price NeighborFree UpgradeAuction Available ExtraSeat AdditionalInformation}
    Priority{TransactionId PriorityServiceType LoungeAccess Price AdditionalInformation}
    Doc{DocType DocTypeNeeded Nationality DateOfBirth AppId AgentId VerifiedDateTime}
    Baggage[]{Id TagNumber DepartureDate BaggageType Weight Length Width Height PriorityBagDrop PriorityBagReturn HandsFreeBaggage Fee
    IsGateBag IsHeavy} Pets[]{Species Breed Weight WeightUnit TransportType} OtherServices[]{ServiceType Description Price}`,
  ],
  [
    "_airPreference",
    "AIR_PREFERENCE",
    "_airPreferenceId:PreferenceId _airReferenceId:ReferenceId",
    `PreferenceId Name CreatedDate CreatedBy UpdatedDate UpdatedBy StartDate EndDate Status ReferenceId ReferenceType TravelType Transfer
    ArrivalAirport ArrivalTerminal DepartureAirport DepartureTerminal HomeAirport CheckInChannel CheckInChannelDevice
    Language{PhoneLanguage EmailLanguage InPersonLanguage PreferenceLevel}
    Seat{PreferenceLevel Direction Location Position Row ClassOfService NeighborFree Infant ExtraSeat}
    Journey{MaxConnections PreferredAirline UpgradeAuction FlightTime FlightMaxDuration} Insurance{Name PreferenceLevel}
    Interest{Name PreferenceLevel} Loyalty{Name MembershipId PreferenceLevel} TicketDistribution{PreferenceLevel Method TicketTime}
    Baggage{Animal BaggageType Assistance PreferenceLevel} ContactDetailCommunication{Method PreferenceLevel} ${PREFERENCES}`,
  ],
  [
    "_hotelPreference",
    "HOTEL_PREFERENCE",
    "_hotelPreferenceId:PreferenceId _hotelReferenceId:ReferenceId",
    `PreferenceId Name CreatedDate CreatedBy UpdatedDate UpdatedBy StartDate EndDate Status Smoking CleaningTime CheckInType CheckOutType
    ReferenceId ReferenceType Location{PreferredFloor ElevatorProximity QuietZone LobbyProximity View RoomType PreferenceLevel}
    Bedding{BedType MattressType PillowType NumberOfPillows BeddingMaterial Allergy}
    Tour{City Cultural Adventure Nightlife GuideLanguage StartTime GroupSize PreferenceLevel}
    CarRental{Vendor VehicleType PreferenceLevel} Language{PhoneLanguage EmailLanguage} Interest{NameOfInterest PreferenceLevel}
    Loyalty{LoyaltyName MembershipId PreferenceLevel PriorityServices} Baggage{Bicycle BaggageType Courier Fragile PreferenceLevel}
    ContactDetailCommunication{Method PreferenceLevel Frequency} ${PREFERENCES}`,
  ],
  [
    "_hotelReservation",
    "HOTEL_RESERVATION",
    "_hotelReservationId:ReservationId _hotelPreferenceRef:PreferenceRef",
    `ReservationId ConfirmationNumber PreferenceRef Status TripType BrandCode HotelCode PhoneNumber EmailAddress GroupId ContextId
    ProcessedDate CreatedDate CreatedBy UpdatedDate UpdatedBy AgentId Reserver SameDayRate Refundable CancellationCharge TransactionId
    AmountPerNight AdditionalNote NumberOfNights NumberOfGuests TotalAmountBeforeTax TotalAmountAfterTax Checkout{Early Late Self Date}
    CheckIn{Date DigitalKey Early Late RoomKeys UserSelectedRoom} Loyalty{ProgramName MembershipId Tier}
    Room{TypeCode TypeName TypeDesc Number Capacity AccessibilityType SmokingAllowed} Payment{${PAYMENT}} Currency{Code Name Symbol}
    Cancellation{Reason Comment} Channel{CreationChannelId LastUpdatedChannelId Method} RatePlan{Code Name Description}
    Guests{Adults Children} Services[]{ServiceType Description Cost}`,
  ],
  [
    "_hotelStayRevenue",
    "HOTEL_STAY_REVENUE",
    "_hotelStayRevenueId:StayRevenueId",
    `StayRevenueId CurrencyCode CurrencyName CurrencySymbol ReservationId GuestId LastUpdatedOn CreatedOn LastUpdatedBy CreatedBy StartDate
    HotelCode Type Description Amount ProcessedDate Status`,
  ],
  [
    "_device",
    "DEVICE",
    "",
    "DeviceId Type Model Manufacturer OperatingSystem OperatingSystemVersion ScreenWidth# ScreenHeight# Browser BrowserVersion Locale",
  ],
  [
    "_webAnalytics",
    "WEB_ANALYTICS",
    "",
    `EventId EventType EventTimestamp# EventDuration# EventValue# Session{Id StartTimestamp#} Page{Title Location Referrer Category}
    Element{Id Type Classes Text AltText Source} Form{Id Name Length ValidationErrors# FieldsCompleted# FieldsRequired#}
    Search{Query TotalMatchingResults# ResultsPerPage# CurrentResultsPage# FilterExpression SortCriteria SortOrder} Item{${ITEM}}
    ItemsList[]{${ITEM}} AdditionalItemImpressions[]{${ITEM}} Cart{Id ItemsCount# Currency Value#} OrderId DeviceId
    Scroll{DepthPercentage PositionX# PositionY#} Error{Description Type} User{Id AnonymousId IsReturning IsLoggedIn}
    Location{Country State Province County City Latitude Longitude} Application{Name Version Environment}`,
  ],
];

/** By name. */
export const standardObjects: ReadonlyMap<string, StandardObject> = new Map(
  DEFINITIONS.map(([name, identifier, indexKeys, text]) => {
    const fields = fieldsOf(`${text} Attributes*`);
    const [idField = ""] = fields.keys();
    return [name, { name, identifier, idField, indexKeys: indexKeysOf(indexKeys), fields }];
  }),
);

/** The standard object that each identifier stands for, but for those that say how a key is used. */
export const identifiedObjects: ReadonlyMap<StandardIdentifier, string> = new Map(
  DEFINITIONS.filter(([name]) => name !== "_profile").map(([name, identifier]) => [identifier, name]),
);

/** The field of a standard object that holds its id. */
export function standardObjectIdField(object: string): string {
  return standardObjects.get(object)?.idField ?? "";
}

/** The keys that a standard object has by its fields, with their values as they are: a search for them is exact. */
export function standardIndexKeys(
  object: string,
  fields: Readonly<Record<string, unknown>>,
): readonly (readonly [name: string, value: string])[] {
  const { indexKeys = [] } = standardObjects.get(object) ?? {};
  return indexKeys.flatMap(({ name, field }) => {
    const value = Object.hasOwn(fields, field) ? fields[field] : undefined;
    return typeof value === "string" && value !== "" ? [[name, value] as const] : [];
  });
}

function indexKeysOf(text: string): readonly IndexKey[] {
  const pairs = text.match(/\S+/g) ?? [];
  return pairs.map((pair) => {
    const [name = "", field = ""] = pair.split(":");
    return { name, field };
  });
}

function fieldsOf(text: string): StandardFields {
  const tokens = text.match(/\w+[#*]?(?:\[\])?\{?|\}/g) ?? [];
  const root = new Map<string, StandardField>();
  const open = [root];
  for (const token of tokens) {
    const name = /^\w*/.exec(token)?.[0] ?? "";
    if (token === "}") open.pop();
    else if (token.endsWith("{")) {
      const fields = new Map<string, StandardField>();
      const kind = token.includes("*") ? "map" : token.includes("[") ? "list" : "group";
      open.at(-1)?.set(name, { kind, fields });
      open.push(fields);
    } else open.at(-1)?.set(name, { kind: token.endsWith("#") ? "number" : token.endsWith("*") ? "map" : "text" });
  }
  return root;
}
