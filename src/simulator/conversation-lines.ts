import type { Topic } from "./roster.ts";

/**
 * What people say in the simulated centre. `{name}` and its like are replaced; see `conversations.ts`. Everything personal in here is
 * made up: numbers are those set aside for fiction, cards are those for tests, addresses end in example.com.
 */

export type Mood = "calm" | "friendly" | "worried" | "confused" | "angry";

export const AGENT_GREETINGS = [
  "Good {daytime}, thank you for calling Northwind Home, my name is {agent}. How can I help you today?",
  "Welcome to Northwind Home, you are speaking with {agent}. What can I do for you?",
  "Northwind Home, {agent} speaking. How may I help?",
  "Hello and thank you for waiting, this is {agent}. What brings you to us today?",
  "Good {daytime}, {agent} here. Sorry for the wait, how can I help you?",
] as const;

export const CHAT_GREETINGS = [
  "Hi, you are chatting with {agent}. How can I help?",
  "Hello! {agent} here. What can I do for you today?",
  "Welcome to Northwind Home chat, I am {agent}. One moment while I read your message.",
  "Hi there, thanks for your patience. My name is {agent}.",
] as const;

export const CUSTOMER_OPENINGS: Readonly<Record<Mood, readonly string[]>> = {
  calm: ["Hello, I have a question.", "Good {daytime}.", "Hi, yes, it is about my account.", "Hello {agent}."],
  friendly: [
    "Hi {agent}, I hope your day is going well.",
    "Good {daytime}! That was quick, thank you.",
    "Hello! Lovely to reach a real person.",
    "Hi {agent}, you helped my sister last week and she said you were wonderful.",
  ],
  worried: [
    "Hello, I am a bit worried, to be honest.",
    "Hi, I hope you can help me, I do not know what to do any more.",
    "I have been lying awake over this.",
    "Please tell me that this can be sorted out today.",
  ],
  confused: [
    "Hello, I am not sure whether I am in the right place.",
    "Hi, I do not understand this letter at all.",
    "Sorry, I was sent from one menu to the next and I am quite lost.",
    "I hope you can explain something to me, I have read it three times.",
  ],
  angry: [
    "Finally! I have been on hold for ages.",
    "This is the third time that I am calling about the same thing.",
    "I am really fed up with you people.",
    "I want to speak to a manager, right now.",
    "Do you have any idea how long I have been waiting?",
  ],
};

export interface Problem {
  /** Named in tasks and in subjects of e-mails. */
  readonly title: string;
  readonly said: readonly string[];
  readonly details: readonly string[];
  readonly questions: readonly string[];
  readonly answers: readonly string[];
  readonly solutions: readonly string[];
  /** What the agent says where it cannot be settled. */
  readonly setbacks: readonly string[];
}

export const PROBLEMS: Readonly<Record<Topic, readonly Problem[]>> = {
  Billing: [
    {
      title: "Charged twice",
      said: [
        "You have charged me twice this month.",
        "There are two payments of {amount} on my statement.",
        "I was billed two times for the same thing.",
      ],
      details: [
        "Both of them are dated {date}.",
        "My bank says that both have gone through.",
        "It was the same last {month}, and I said nothing then.",
        "That is {amount} that I need for the rent.",
      ],
      questions: [
        "Could you tell me the last four digits of the card?",
        "Is it the same card for both payments?",
        "Do you see the two amounts on the same day?",
      ],
      answers: ["Yes, the same card both times.", "The card ends in {cardEnd}.", "It says Northwind on both lines."],
      solutions: [
        "I can see the second payment and I have just started the refund; it takes three to five working days.",
        "The duplicate is cancelled, and you will get an e-mail that confirms it.",
        "I have refunded {amount} to your card.",
      ],
      setbacks: [
        "The second payment is still pending, so I cannot refund it before {weekday}.",
        "I have to pass this on to our finance team, they will call you back.",
      ],
    },
    {
      title: "Bill higher than expected",
      said: [
        "My bill is much higher than last month.",
        "I was told {amount} a month, and now it is almost twice that.",
        "I do not understand what all these charges are.",
      ],
      details: [
        "There is something called a service fee on it.",
        "Nobody told me that the price would go up.",
        "I have not changed anything in my plan.",
        "I am on a pension, I cannot pay that.",
      ],
      questions: [
        "Which month is the bill for?",
        "Did you change your plan in the last weeks?",
        "May I put you on hold for a moment while I look at the invoice?",
      ],
      answers: ["It is the one for {month}.", "No, I have had the same plan for years.", "Of course, take your time."],
      solutions: [
        "The introductory price ended in {month}; I have put you on the cheaper plan, so it goes down by {amount}.",
        "I have taken the service fee off, that was our mistake.",
        "I have spread it over three months for you.",
      ],
      setbacks: [
        "I am afraid the price is in the terms and conditions, I cannot change it.",
        "I cannot take the fee off myself, I need approval for that.",
      ],
    },
    {
      title: "Cancel subscription",
      said: [
        "I would like to cancel my subscription.",
        "I want to cancel, and I want it in writing.",
        "How do I get out of this contract?",
      ],
      details: [
        "I have found something cheaper with a competitor.",
        "I have not used it for months.",
        "I already wrote an e-mail and nobody answered.",
        "We are moving abroad in {month}.",
      ],
      questions: [
        "May I ask why you would like to leave us?",
        "Would half the price for six months change your mind?",
        "Is it the plan for {amount} a month?",
      ],
      answers: [
        "It is simply too expensive.",
        "No, thank you, I have made up my mind.",
        "Half the price sounds fair, actually.",
      ],
      solutions: [
        "Your subscription ends on {date}, and the confirmation is on its way to you.",
        "I have put you on the half-price offer, and you can cancel at any time.",
        "It is cancelled, and there are no further charges.",
      ],
      setbacks: [
        "There is a notice period of one month, so there will be one more payment.",
        "There is a fee of {amount} for leaving before the end of the term.",
      ],
    },
  ],
  Orders: [
    {
      title: "Parcel has not arrived",
      said: [
        "My parcel has not arrived.",
        "Where is my order? It should have been here on {weekday}.",
        "The tracking has not moved for a week.",
      ],
      details: [
        "The order number is {order}.",
        "It is a birthday present for my daughter.",
        "The driver says that he rang, but I was at home all day.",
        "I have asked all the neighbours.",
      ],
      questions: [
        "Do you have the order number at hand?",
        "Can you confirm the delivery address for me?",
        "Did you get a card from the driver?",
      ],
      answers: ["Yes, it is {order}.", "It goes to {address}.", "No card, nothing at all."],
      solutions: [
        "I have found it in the depot, and it will be with you on {weekday}.",
        "I am sending you a new one today, free of charge.",
        "I have refunded the delivery, and you get a text message an hour before the driver comes.",
      ],
      setbacks: [
        "The carrier has to search for it first, and that takes up to five working days.",
        "It is out of stock at the moment, the next delivery is in {month}.",
      ],
    },
    {
      title: "Wrong or broken item",
      said: [
        "You sent me the wrong thing.",
        "The lamp arrived broken.",
        "I ordered two and there is one in the box.",
        "It is the wrong colour altogether.",
      ],
      details: [
        "The box was damaged already when it came.",
        "I can send you photographs.",
        "The order is {order}, from {date}.",
        "The glass is in a thousand pieces.",
      ],
      questions: [
        "Would you like a replacement or your money back?",
        "Could you send us a photo to the address in your order?",
        "Is the packaging still there?",
      ],
      answers: [
        "A replacement, please.",
        "I would rather have my money back.",
        "I have just sent the picture from {email}.",
      ],
      solutions: [
        "A replacement leaves our warehouse tomorrow, and you can keep the broken one.",
        "The refund of {amount} is on its way.",
        "The return label is in your inbox, just drop the parcel at any shop.",
      ],
      setbacks: [
        "I need to see the photo before I can send a replacement.",
        "The return window closed on {date}, so I have to ask my supervisor.",
      ],
    },
    {
      title: "Change an order",
      said: [
        "I need to change an order that I made last night.",
        "Can I still change the delivery address?",
        "I would like to add something to my order.",
      ],
      details: [
        "I typed the old address by mistake.",
        "The new address is {address}.",
        "The order number is {order}.",
        "Please do not send it to my old flat, I moved out.",
      ],
      questions: [
        "What is the new address?",
        "Shall I send you a new confirmation?",
        "Which item would you like to add?",
      ],
      answers: ["It is {address}.", "Yes please, to {email}.", "Two more of the same."],
      solutions: [
        "The address is changed, and the confirmation is in your inbox.",
        "I have added it, that makes {amount} more.",
        "Done: it still arrives on {weekday}.",
      ],
      setbacks: [
        "It has left the warehouse already, so I cannot change it any more.",
        "I can cancel it for you, but you would have to order again.",
      ],
    },
  ],
  Support: [
    {
      title: "Device does not connect",
      said: [
        "The hub does not connect to anything since {weekday}.",
        "My thermostat is offline, and the house is cold.",
        "The light on the box is red and nothing works.",
      ],
      details: [
        "I have turned it off and on again, twice.",
        "It worked until your update.",
        "The app says error {code}.",
        "I work from home, I need this.",
      ],
      questions: [
        "Could you read me the number on the back, please?",
        "Which colour is the light now?",
        "Is anything else in the house offline?",
      ],
      answers: [
        "The serial number is {serial}.",
        "It is blinking orange now.",
        "Everything else works, only this does not.",
      ],
      solutions: [
        "I have restarted it from here; the light should turn green now.",
        "Please press the small button for ten seconds. Yes, that resets it.",
        "I have rolled the update back, and it is online again.",
      ],
      setbacks: [
        "I am afraid a technician has to come, the next appointment is on {weekday}.",
        "We know about this fault, and we hope to have it fixed by this evening.",
      ],
    },
    {
      title: "Locked out of the account",
      said: [
        "I cannot log in to my account.",
        "It says that my account is locked.",
        "I never get the code that you send.",
      ],
      details: [
        "I have tried my password three times.",
        "The code goes to an old phone number.",
        "My e-mail address is {email}.",
        "I am afraid that somebody has got into it.",
      ],
      questions: [
        "For security, could you tell me your date of birth?",
        "Which e-mail address is the account under?",
        "May I send a code to the number that ends in {phoneEnd}?",
      ],
      answers: ["It is {birthday}.", "It is {email}.", "My new number is {phone}."],
      solutions: [
        "I have unlocked it, and you can choose a new password with the link in your inbox.",
        "The number is changed, please try the code now.",
        "Nobody else has signed in, your account is safe.",
      ],
      setbacks: [
        "I cannot change the number without a copy of your identity card.",
        "For your own protection it stays locked for 24 hours.",
      ],
    },
    {
      title: "How do I set it up",
      said: [
        "I have just bought the starter set and cannot get it going.",
        "How do I add a second room?",
        "The instructions make no sense to me.",
      ],
      details: [
        "I am at step four and there is no blue button.",
        "I am not good with technology.",
        "My grandson usually does this for me.",
        "The app asks for a code that I do not have.",
      ],
      questions: [
        "Do you have the app open?",
        "Do you see a plus sign in the corner?",
        "Shall we go through it together?",
      ],
      answers: ["Yes, it is open.", "There is a plus sign, yes.", "That would be lovely."],
      solutions: [
        "Perfect, now it is in the list. You can give it a name.",
        "There it is: the second room is set up.",
        "I have sent you a short film that shows every step, to {email}.",
      ],
      setbacks: [
        "Your model is too old for that, I am sorry.",
        "That needs the newer app, which your phone does not take.",
      ],
    },
  ],
};

/** The agent makes sure who it is; the customer tells. What a redactor must find is in the answers. */
export const IDENTIFICATION: readonly (readonly [agent: string, customer: string])[] = [
  ["May I have your full name, please?", "It is {name}."],
  ["Could you give me your customer number?", "One moment. It is {account}."],
  ["And your date of birth, for security?", "{birthday}."],
  ["Can you confirm the postcode and the street?", "{address}."],
  ["What is the best number to reach you on?", "My mobile is {phone}."],
  ["Which e-mail address do we have for you?", "That should be {email}."],
  ["Could you read me the number of the card?", "Yes, {card}, valid until {expiry}."],
  ["And the security code on the back?", "{cvc}."],
];

export const CUSTOMER_FEELS: Readonly<Record<Mood, readonly string[]>> = {
  calm: ["All right.", "I see.", "That makes sense.", "Yes, that is correct.", "Go ahead."],
  friendly: [
    "You are very kind, thank you.",
    "That is great.",
    "Oh, wonderful.",
    "No hurry at all.",
    "I really appreciate your help.",
  ],
  worried: [
    "I hope that nothing is lost.",
    "Are you sure about that?",
    "And what if it happens again?",
    "I am so sorry to bother you with this.",
    "I do not want to get into trouble.",
  ],
  confused: [
    "Sorry, could you say that again?",
    "I do not follow.",
    "Which one do you mean?",
    "So what do I have to do now?",
    "I am not sure that I understand.",
  ],
  angry: [
    "That is ridiculous.",
    "I do not care whose fault it is, I want my money back.",
    "This is unacceptable, I will make a complaint.",
    "Your service is a disgrace.",
    "I am going to tell my lawyer about this.",
    "If this is not fixed today, I will cancel everything.",
    "Do not read me a script, just do something.",
    "That is a damn joke.",
  ],
};

export const AGENT_SOOTHES: Readonly<Record<Mood, readonly string[]>> = {
  calm: [
    "Let me have a look at that.",
    "Thank you, I have your account in front of me.",
    "Just a second, the system is a little slow today.",
  ],
  friendly: ["With pleasure.", "That is kind of you to say.", "You are welcome, I am happy to help."],
  worried: [
    "Please do not worry, we will sort this out together.",
    "I understand, and I will stay with you until it is done.",
    "You have done nothing wrong.",
  ],
  confused: [
    "Let me explain it step by step.",
    "I am sorry that this was not clear.",
    "No problem at all, we will take it slowly.",
  ],
  angry: [
    "I am very sorry about that, I would be upset too.",
    "I understand your frustration, and I apologise.",
    "You have every right to be annoyed. Let me put this right.",
    "I am sorry that you had to call us again.",
    "I hear you. Give me two minutes, please.",
  ],
};

export const HOLD_LINES = [
  "May I put you on hold for a moment?",
  "Could you hold the line while I ask a colleague?",
  "I need to check something, please stay on the line.",
] as const;

export const TRANSFER_LINES = [
  "I will put you through to a colleague who knows this better.",
  "That is for our specialists, may I transfer you?",
  "Let me connect you with the right team, one moment please.",
] as const;

export const CUSTOMER_CLOSINGS: Readonly<Record<Mood, readonly string[]>> = {
  calm: ["Thank you, that is all.", "Good, thank you. Goodbye.", "All right, thanks for your help."],
  friendly: [
    "Thank you so much, {agent}, you made my day!",
    "Brilliant, thank you, have a lovely {daytime}!",
    "That was excellent service, thank you.",
  ],
  worried: [
    "Thank you, that is a weight off my mind.",
    "I hope it works. Thank you, goodbye.",
    "Thank you for being so patient with me.",
  ],
  confused: [
    "I think I have got it now. Thank you.",
    "I will try it. Thanks, bye.",
    "I may have to call again, but thank you.",
  ],
  angry: [
    "Well, we will see. Goodbye.",
    "I am still not happy with this.",
    "It should not take three calls. Bye.",
    "At least somebody has finally done something. Thanks.",
  ],
};

export const AGENT_CLOSINGS = [
  "Is there anything else that I can do for you?",
  "Thank you for calling Northwind Home, have a good {daytime}.",
  "You are welcome. Goodbye.",
  "Thank you for your patience, {name}. Take care.",
  "Please answer our short survey if you have a minute. Goodbye!",
] as const;

export const SMALL_TALK: readonly (readonly [customer: string, agent: string])[] = [
  ["Is it raining where you are as well?", "It has not stopped since this morning."],
  ["My dog is barking, sorry about that.", "No problem, I have one of those at home."],
  ["Have you been busy today?", "It is quite a day, yes, but a good one."],
  ["I have been a customer for eleven years.", "Thank you for that, it means a lot to us."],
];
